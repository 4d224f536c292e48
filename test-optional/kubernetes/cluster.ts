import {
  callKubernetes,
  type KubernetesLogin,
  type KubernetesRequest,
  type KubernetesServer,
} from "#grid/kubernetes-server.ts";
import { below, type Fields, listBelow, type Manifest, nameOf } from "#local/real-cluster/fields.ts";
import { readKubeconfig } from "#local/real-cluster/kubeconfig.ts";
import { ClusterError, ClusterObjects } from "#local/real-cluster/objects.ts";
import { eventually } from "./eventually.ts";
import { kubeconfig } from "./settings.ts";

const PODS = "/api/v1/namespaces/grid/pods";
const WORKERS = "app.kubernetes.io/name=grid-worker";

/** The cluster of the tests, as its administrator. */
export class TestCluster {
  readonly server: KubernetesServer;
  readonly objects: ClusterObjects;
  readonly #made: Manifest[] = [];

  private constructor(server: KubernetesServer) {
    this.server = server;
    this.objects = new ClusterObjects(server);
  }

  static async open(): Promise<TestCluster> {
    return new TestCluster(await readKubeconfig(kubeconfig()));
  }

  async has(path: string): Promise<boolean> {
    return (await this.objects.get(path)) !== undefined;
  }

  /** Applies an object, to be deleted by `deleteAll`. A definition of a kind is waited for. */
  async make(object: Manifest): Promise<void> {
    await this.objects.apply(object);
    this.#made.push(object);
    if (object.kind !== "CustomResourceDefinition") return;
    const spec = object["spec"] as { group: string; names: { plural: string } };
    await eventually(() => this.objects.list(`/apis/${spec.group}/${versionOf(object)}/${spec.names.plural}`), 30);
  }

  /** Deletes what it made, last first, and waits until it is gone. */
  async deleteAll(): Promise<void> {
    for (const object of this.#made.splice(0).reverse()) await this.deleteObject(await this.objects.pathOf(object));
  }

  async deleteObject(path: string): Promise<void> {
    await this.objects.remove(`${path}?propagationPolicy=Foreground`);
    await eventually(async () => {
      if (await this.has(path)) throw new Error(`${path} is still there`);
    });
  }

  /** The status with which the API server answers a request of someone else. */
  async statusFor(login: KubernetesLogin, request: KubernetesRequest): Promise<number> {
    return (await callKubernetes({ ...this.server, login }, request)).status;
  }

  /** What the API server says to an object that is not stored: undefined when it would take it. */
  async refusal(object: Manifest): Promise<string | undefined> {
    const path = (await this.objects.pathOf(object)).replace(/\/[^/]+$/, "?dryRun=All&fieldValidation=Strict");
    try {
      await this.objects.call({ method: "POST", path, body: object }, nameOf(object));
      return undefined;
    } catch (error) {
      if (error instanceof ClusterError) return error.message;
      throw error;
    }
  }

  /** Names of the workers that run. @throws Error when there is none. */
  async working(): Promise<string[]> {
    const workers = await this.objects.list(`${PODS}?labelSelector=${encodeURIComponent(WORKERS)}`);
    const ready = workers
      .filter((pod) => below(pod, "metadata")["deletionTimestamp"] === undefined)
      .filter((pod) => listBelow(below(pod, "status"), "containerStatuses")[0]?.["ready"] === true)
      .map(podName);
    if (ready.length === 0) throw new Error(`no worker runs; there are: ${workers.map(podName).join(", ")}`);
    return ready;
  }

  /** Ends a pod without warning. */
  async kill(pod: string): Promise<void> {
    await this.objects.remove(`${PODS}/${pod}?gracePeriodSeconds=0`);
  }

  /** Ends a pod as soon as its disruption budget lets it. */
  async evict(pod: string): Promise<void> {
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod, namespace: "grid" } };
    const path = `${PODS}/${pod}/eviction`;
    await eventually(() => this.objects.call({ method: "POST", path, body }));
  }

  /** Ends a pod with its grace, whatever its budget: where no other node takes its successor, the budget never lets the last ones go. */
  async drain(pod: string): Promise<void> {
    await this.objects.remove(`${PODS}/${pod}`);
  }

  /** Node of a pod. */
  async nodeOf(pod: string): Promise<string> {
    return String(below((await this.objects.get(`${PODS}/${pod}`)) ?? {}, "spec")["nodeName"]);
  }

  /** Lets new pods onto a node, or not. */
  async cordon(node: string, unschedulable: boolean): Promise<void> {
    await this.objects.call({
      method: "PATCH",
      path: `/api/v1/nodes/${node}`,
      body: { spec: { unschedulable } },
      contentType: "application/merge-patch+json",
    });
  }

  /** The pods of the namespace on a node, done ones left out. */
  async podsOn(node: string): Promise<string[]> {
    const pods = await this.objects.list(`${PODS}?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`);
    return pods.filter((pod) => ["Pending", "Running"].includes(String(below(pod, "status")["phase"]))).map(podName);
  }
}

const podName = (pod: Fields): string => String(below(pod, "metadata")["name"]);

const versionOf = (definition: Manifest): string => {
  const { versions } = definition["spec"] as { versions: { name: string; served: boolean }[] };
  return versions.find(({ served }) => served)!.name;
};
