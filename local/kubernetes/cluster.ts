import type { Controller } from "./controllers.ts";
import { badRequest, invalid, KubernetesFault, methodNotAllowed } from "./faults.ts";
import { type Findings, type IgnoredField, isRecord } from "./fields.ts";
import { apiVersionOf, DEPLOYMENT, KINDS, type Kind, NAMESPACE, POD } from "./kinds.ts";
import { readMetadata } from "./metadata-fields.ts";
import type { KubernetesObject, Objects, Wanted } from "./objects.ts";
import type { Pods } from "./pods.ts";
import type { DeploymentSpec } from "./workload-fields.ts";

export type Propagation = "Background" | "Foreground" | "Orphan";

/** An object that was created or replaced, and the fields of it from which nothing comes here. */
export interface Accepted {
  readonly object: KubernetesObject;
  readonly ignored: readonly IgnoredField[];
}

/** Fields every object has beside its body; the server writes the status. */
const HEAD = new Set(["apiVersion", "kind", "metadata", "status"]);

/** Creates, replaces and deletes objects and tells their controllers. */
export class Cluster {
  readonly objects: Objects;
  private readonly pods: Pods;
  private readonly controllers: ReadonlyMap<Kind, Controller>;
  private stopped = false;

  constructor(objects: Objects, pods: Pods, controllers: ReadonlyMap<Kind, Controller>) {
    this.objects = objects;
    this.pods = pods;
    this.controllers = controllers;
    for (const name of ["default", "kube-system"])
      objects.add(NAMESPACE, { name }, { spec: {}, status: { phase: "Active" } });
  }

  create(kind: Kind, namespace: string, manifest: unknown): Accepted {
    if (this.stopped) throw new KubernetesFault(503, "ServiceUnavailable", "the local Kubernetes is shutting down");
    const { wanted, body, ignored } = this.admit(kind, namespace, manifest);
    if (kind.namespaced) this.objects.get(NAMESPACE, undefined, namespace);
    const object = this.objects.add(kind, wanted, body);
    this.controllers.get(kind)?.start(object);
    return { object, ignored };
  }

  /** Throws NotFound when there is nothing to replace. */
  replace(kind: Kind, namespace: string, name: string, manifest: unknown): Accepted {
    const before = this.objects.get(kind, namespace, name);
    const { wanted, body, ignored } = this.admit(kind, namespace, manifest, before);
    if (wanted.name !== name)
      throw badRequest(`the name of the object (${wanted.name}) is not that of the path (${name})`);
    this.objects.replace(before, wanted, body);
    this.controllers.get(kind)?.update(before);
    return { object: before, ignored };
  }

  /**
   * Creates the object or replaces the one of that name. A Deployment given without `replicas` keeps the number it has, which
   * a ScaledObject may have set, as with `kubectl apply`.
   */
  apply(manifest: unknown): Accepted {
    const kind = kindOfManifest(manifest);
    const metadata = isRecord(manifest) && isRecord(manifest["metadata"]) ? manifest["metadata"] : {};
    const namespace = typeof metadata["namespace"] === "string" ? metadata["namespace"] : "default";
    const before = this.objects.find(kind, namespace, String(metadata["name"]));
    if (before === undefined) return this.create(kind, namespace, manifest);
    return this.replace(
      kind,
      namespace,
      before.metadata.name,
      kind === DEPLOYMENT ? withReplicas(manifest, before) : manifest,
    );
  }

  /** Deletes an object. What it owns goes with it, unless orphaned; pods go when their process is gone. */
  delete(
    kind: Kind,
    namespace: string,
    name: string,
    how: { propagation?: Propagation; graceSeconds?: number },
  ): KubernetesObject {
    const object = this.objects.get(kind, namespace, name);
    if (kind === POD) {
      this.pods.remove(this.pods.of(object), how.graceSeconds);
      return object;
    }
    if (kind === NAMESPACE) this.empty(name);
    this.objects.remove(kind, object);
    this.controllers.get(kind)?.stop(object, how.propagation === "Orphan");
    return object;
  }

  replicasOf(namespace: string, name: string): number | undefined {
    const deployment = this.objects.find(DEPLOYMENT, namespace, name);
    return deployment === undefined ? undefined : ((deployment.spec as DeploymentSpec).replicas ?? 1);
  }

  /** Throws NotFound when there is no such Deployment. */
  scale(namespace: string, name: string, replicas: number): void {
    const deployment = this.objects.get(DEPLOYMENT, namespace, name);
    const { labels, annotations } = deployment.metadata;
    const spec = { ...(deployment.spec as DeploymentSpec), replicas };
    this.objects.replace(deployment, { name, labels, annotations }, { spec });
    this.controllers.get(DEPLOYMENT)?.update(deployment);
  }

  /** Stops all controllers, so that no further pod starts. */
  stop(): void {
    this.stopped = true;
    for (const [kind, controller] of this.controllers)
      for (const object of this.objects.list(kind)) controller.stop(object, true);
  }

  private empty(namespace: string): void {
    for (const kind of KINDS) {
      if (!kind.namespaced) continue;
      for (const { metadata } of this.objects.list(kind, namespace)) this.delete(kind, namespace, metadata.name, {});
    }
  }

  private admit(kind: Kind, namespace: string, manifest: unknown, before?: KubernetesObject) {
    if (kind === POD) throw methodNotAllowed("pods are made by Jobs and Deployments here, not by themselves");
    if (!isRecord(manifest)) throw badRequest("the body is not an object");
    expectType(kind, manifest);
    const findings: Findings = { causes: [], ignored: [] };
    const wanted = readMetadata(kind, manifest["metadata"], namespace, findings);
    const body = Object.fromEntries(Object.entries(manifest).filter(([name]) => !HEAD.has(name)));
    const controller = this.controllers.get(kind);
    if (controller !== undefined) {
      for (const field of Object.keys(body).filter((name) => name !== "spec"))
        findings.causes.push({
          field,
          reason: "FieldValueNotSupported",
          message: `Unsupported field: a ${kind.kind} has none`,
        });
      controller.check(body["spec"], findings, before);
    }
    if (wanted === undefined || findings.causes.length > 0) throw invalid(kind, nameOf(manifest), findings.causes);
    const ignored = kind.reason === undefined ? findings.ignored : [{ field: kind.kind, reason: kind.reason }];
    return { wanted: wanted satisfies Wanted, body, ignored };
  }
}

function nameOf(manifest: Record<string, unknown>): string {
  const { metadata } = manifest;
  return isRecord(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "";
}

function expectType(kind: Kind, manifest: Record<string, unknown>): void {
  const expected = `${apiVersionOf(kind)} ${kind.kind}`;
  const given = `${manifest["apiVersion"]} ${manifest["kind"]}`;
  if (given !== expected) throw badRequest(`the body is a ${given}, the path is that of a ${expected}`);
}

/** The kind a manifest names; refuses one that is not served, by name. */
function kindOfManifest(manifest: unknown): Kind {
  const { apiVersion, kind: name } = isRecord(manifest) ? manifest : {};
  const kind = KINDS.find((each) => each.kind === name && apiVersionOf(each) === apiVersion);
  if (kind !== undefined) return kind;
  const served = KINDS.map((each) => `${apiVersionOf(each)} ${each.kind}`).join(", ");
  const message = `the local Kubernetes does not serve the kind ${apiVersion} ${name}; it serves ${served}`;
  throw new KubernetesFault(404, "NotFound", message);
}

function withReplicas(manifest: unknown, before: KubernetesObject): unknown {
  if (!isRecord(manifest) || !isRecord(manifest["spec"])) return manifest;
  const { replicas } = before.spec as DeploymentSpec;
  return { ...manifest, spec: { ...(replicas === undefined ? {} : { replicas }), ...manifest["spec"] } };
}
