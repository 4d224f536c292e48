import type { IncomingMessage } from "node:http";
import { DEPLOYMENT, JOB, type Kind, POD } from "./kinds.ts";
import type { KubernetesObject } from "./objects.ts";

interface Shown {
  readonly phase?: string;
  readonly active?: number;
  readonly succeeded?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly { readonly type: string }[];
  readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
}

type Column = readonly [title: string, value: (status: Shown, object: KubernetesObject) => string | number];

const COLUMNS = new Map<Kind, readonly Column[]>([
  [
    POD,
    [
      ["Ready", ({ containerStatuses }) => `${containerStatuses?.filter(({ ready }) => ready).length ?? 0}/1`],
      [
        "Status",
        ({ phase }, { metadata }) => (metadata.deletionTimestamp === undefined ? (phase ?? "") : "Terminating"),
      ],
      ["Restarts", ({ containerStatuses }) => containerStatuses?.[0]?.restartCount ?? 0],
    ],
  ],
  [
    JOB,
    [
      ["Status", ({ conditions }) => conditions?.[0]?.type ?? "Running"],
      ["Completions", ({ succeeded }) => `${succeeded ?? 0}/1`],
    ],
  ],
  [
    DEPLOYMENT,
    [
      [
        "Ready",
        ({ readyReplicas }, { spec }) => `${readyReplicas ?? 0}/${(spec as { replicas?: number }).replicas ?? 1}`,
      ],
      ["Up-to-date", ({ updatedReplicas }) => updatedReplicas ?? 0],
      ["Available", ({ availableReplicas }) => availableReplicas ?? 0],
    ],
  ],
]);

/** Whether the client (kubectl get) wants rows to print in place of objects. */
export function asksForTable(request: IncomingMessage): boolean {
  return request.headers.accept?.split(",")[0]?.includes("as=Table") ?? false;
}

/** Objects as rows to print. */
export function tableOf(kind: Kind, objects: readonly KubernetesObject[], resourceVersion: string): object {
  const columns = COLUMNS.get(kind) ?? [];
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: { resourceVersion },
    columnDefinitions: ["Name", ...columns.map(([title]) => title), "Age"].map((name) => ({
      name,
      type: "string",
      format: name === "Name" ? "name" : "",
      description: name,
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: [
        object.metadata.name,
        ...columns.map(([, value]) => value((object.status ?? {}) as Shown, object)),
        age(object.metadata.creationTimestamp),
      ],
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
    })),
  };
}

/** As kubectl writes an age, in the largest unit: 42s, 7m, 3h, 5d. */
function age(since: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
