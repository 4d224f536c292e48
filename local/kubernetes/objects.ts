import { randomUUID } from "node:crypto";
import { alreadyExists, notFound } from "./faults.ts";
import { apiVersionOf, KINDS, type Kind } from "./kinds.ts";
import { now } from "./time.ts";

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  resourceVersion: string;
  generation: number;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  ownerReferences?: readonly OwnerReference[];
  deletionTimestamp?: string;
}

/** An object as the API shows it. Fields other than these (`data` of a ConfigMap, `rules` of a Role, …) are kept as given. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  spec?: unknown;
  status?: unknown;
}

/** What a client may say of an object's metadata; the rest is given here. */
export interface Wanted {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ""}/${name}`;

/** The objects there are, in memory, in order of creation. */
export class Objects {
  private readonly byKind = new Map<Kind, Map<string, KubernetesObject>>(KINDS.map((kind) => [kind, new Map()]));
  private version = 0;

  /** Adds an object; throws AlreadyExists when there is one of that name. */
  add(kind: Kind, wanted: Wanted, body: object): KubernetesObject {
    if (this.find(kind, wanted.namespace, wanted.name) !== undefined) throw alreadyExists(kind, wanted.name);
    const metadata = { ...wanted, uid: randomUUID(), creationTimestamp: now(), resourceVersion: "", generation: 1 };
    const object: KubernetesObject = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...body };
    this.of(kind).set(keyOf(wanted.namespace, wanted.name), object);
    this.touch(object);
    return object;
  }

  /** Takes the labels, annotations and body of a new version; identity and status stay. */
  replace(object: KubernetesObject, wanted: Wanted, body: object): void {
    const { labels, annotations } = wanted;
    Object.assign(object.metadata, { labels, annotations, generation: object.metadata.generation + 1 });
    Object.assign(object, body);
    this.touch(object);
  }

  /** Sets the status, merged into the one there is. */
  report(object: KubernetesObject, status: object): void {
    object.status = { ...(object.status ?? {}), ...status };
    this.touch(object);
  }

  /** To be called after a change to an object, so that clients see a new resourceVersion. */
  touch(object: KubernetesObject): void {
    this.version += 1;
    object.metadata.resourceVersion = String(this.version);
  }

  remove(kind: Kind, object: KubernetesObject): void {
    const { namespace, name, uid } = object.metadata;
    if (this.find(kind, namespace, name)?.metadata.uid === uid) this.of(kind).delete(keyOf(namespace, name));
  }

  find(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.of(kind).get(keyOf(kind.namespaced ? namespace : undefined, name));
  }

  /** The object; throws NotFound. */
  get(kind: Kind, namespace: string | undefined, name: string): KubernetesObject {
    const object = this.find(kind, namespace, name);
    if (object === undefined) throw notFound(kind, name);
    return object;
  }

  /** Objects of a kind, in one namespace or in all. */
  list(kind: Kind, namespace?: string): KubernetesObject[] {
    const all = [...this.of(kind).values()];
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** The version of the whole store, shown in lists. */
  get resourceVersion(): string {
    return String(this.version);
  }

  private of(kind: Kind): Map<string, KubernetesObject> {
    const map = this.byKind.get(kind);
    if (map === undefined) throw new Error(`no store for the kind ${kind.kind}`);
    return map;
  }
}

export function ownerOf(object: KubernetesObject): OwnerReference {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
}
