import { after } from "../kubernetes/time.ts";
import { OWNER_LABEL } from "./admission.ts";
import { below, type Fields } from "./fields.ts";
import type { ClusterObjects } from "./objects.ts";
import { troubleOf } from "./pod-trouble.ts";

const LOOK_MS = 2_000;
/** From SIGTERM to SIGKILL for pods that a stopping grid leaves behind. */
const GRACE_SECONDS = 5;
/** Pods whose node is lost stay; nobody waits longer for them than this. */
const PATIENCE_MS = 60_000;

const OWN = `labelSelector=${encodeURIComponent(`${OWNER_LABEL.name}=${OWNER_LABEL.value}`)}`;
const PODS = `/api/v1/pods?${OWN}`;
const JOBS = `/apis/batch/v1/jobs?${OWN}`;

/** The pods and Jobs that a local grid has made in a cluster. */
export class Pods {
  readonly #objects: ClusterObjects;
  readonly #warn: (message: string) => void;
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(objects: ClusterObjects, warn: (message: string) => void) {
    this.#objects = objects;
    this.#warn = warn;
  }

  /** Tells of pods in trouble, each trouble once, until `clear`. */
  watch(): void {
    this.#timer = after(LOOK_MS, () => {
      void this.#look()
        .catch((error: Error) => this.#tell(`pods cannot be listed: ${error.message}`))
        .finally(() => {
          if (!this.#stopped) this.watch();
        });
    });
  }

  /** Deletes them all and waits until they are gone: those that a former grid left, too. */
  async clear(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const deadline = Date.now() + PATIENCE_MS;
    for (const job of await this.#objects.list(JOBS)) await this.#delete("batch/v1", "Job", job);
    for (let left = await this.#objects.list(PODS); left.length > 0; left = await this.#objects.list(PODS)) {
      if (Date.now() > deadline) {
        this.#warn(`pods that do not end were left in the cluster: ${left.map(fullName).join(", ")}`);
        return;
      }
      for (const pod of left)
        if (below(pod, "metadata")["deletionTimestamp"] === undefined) await this.#delete("v1", "Pod", pod);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #look(): Promise<void> {
    for (const pod of await this.#objects.list(PODS)) {
      const trouble = troubleOf(pod);
      if (trouble !== undefined) this.#tell(trouble, fullName(pod));
    }
  }

  #tell(trouble: string, pod?: string): void {
    if (this.#told.has(trouble)) return;
    this.#told.add(trouble);
    this.#warn(pod === undefined ? trouble : `pod ${pod} ${trouble}`);
  }

  async #delete(apiVersion: string, kind: string, object: Fields): Promise<void> {
    const { name, namespace } = below(object, "metadata") as { name: string; namespace: string };
    const path = await this.#objects.pathOf({ apiVersion, kind, metadata: { name, namespace } });
    const query = kind === "Pod" ? `gracePeriodSeconds=${GRACE_SECONDS}` : "propagationPolicy=Background";
    await this.#objects.remove(`${path}?${query}`);
  }
}

const fullName = (object: Fields): string => {
  const { name, namespace } = below(object, "metadata");
  return `${namespace}/${name}`;
};
