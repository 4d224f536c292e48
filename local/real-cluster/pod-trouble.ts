import { below, type Fields, listBelow } from "./fields.ts";

/** Reasons for which a container waits that nothing but a user puts right. */
const STUCK = new Set([
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "ErrImageNeverPull",
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "RunContainerError",
]);

/** Why a pod does not run as it should, in words; undefined when it does, or just starts. */
export function troubleOf(pod: Fields): string | undefined {
  const status = below(pod, "status");
  const [container] = listBelow(status, "containerStatuses");
  const state = below(container ?? {}, "state");
  const { reason, message } = below(state, "waiting");
  if (STUCK.has(String(reason))) return sentence(`waits: ${reason}`, message);
  if (status["phase"] === "Failed") {
    if (status["reason"] !== undefined) return sentence(`failed: ${status["reason"]}`, status["message"]);
    const terminated = below(state, "terminated");
    const end = `failed: ${terminated["reason"] ?? "Error"}, exit code ${terminated["exitCode"] ?? "unknown"}`;
    return sentence(end, terminated["message"]);
  }
  const unscheduled = listBelow(status, "conditions").find(
    ({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable",
  );
  return unscheduled === undefined ? undefined : sentence("waits for a node", unscheduled["message"]);
}

const sentence = (what: string, message: unknown) => (typeof message === "string" ? `${what}: ${message}` : what);
