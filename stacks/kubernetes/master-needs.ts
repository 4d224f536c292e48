import type { PodGroup } from "./namespace-quota.ts";

/** What the master's manifest in state-machines/grid-job.asl.json asks for. */
export const MASTER_NEEDS: Omit<PodGroup, "pods"> = { requests: { cpu: "500m", memory: "512Mi" }, limit: "2Gi" };
