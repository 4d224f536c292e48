import { randomInt } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "./admission.ts";
import { onlyContainer, planContainer } from "./container.ts";
import { POD } from "./kinds.ts";
import { readLog } from "./logs.ts";
import type { KubernetesObject, Objects, OwnerReference } from "./objects.ts";
import { Pod } from "./pod.ts";
import type { PodSpec } from "./pod-fields.ts";
import { type ContainerProcess, startProcess } from "./process.ts";

export interface PodsOptions extends Machine {
  readonly objects: Objects;
  /** Of the pods' logs and emptyDir volumes; emptied at the start. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  warn(message: string): void;
}

export interface PodRequest {
  readonly namespace: string;
  /** Five random characters are put behind it. */
  readonly namePrefix: string;
  readonly owner: OwnerReference;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

const LINES_TOLD = 10;

/** All pods there are, and the files they leave. */
export class Pods {
  private readonly options: PodsOptions;
  private readonly pods = new Map<string, Pod>();

  constructor(options: PodsOptions) {
    this.options = options;
    for (const kind of ["logs", "volumes"]) {
      rmSync(join(options.folder, kind), { recursive: true, force: true });
      mkdirSync(join(options.folder, kind), { recursive: true });
    }
  }

  start({ namespace, namePrefix, owner, labels, annotations, spec }: PodRequest): Pod {
    const { objects } = this.options;
    const name = this.freeName(namespace, namePrefix);
    const wanted = { name, namespace, labels, annotations, ownerReferences: [owner] };
    const object = objects.add(POD, wanted, { spec });
    const log = join(this.options.folder, "logs", `${namespace}_${name}.log`);
    const report = (status: object) => objects.report(object, status);
    const pod = new Pod({ object, spec, log, process: this.run(object, spec, log), report });
    this.pods.set(object.metadata.uid, pod);
    void pod.ended.then((end) => this.tellOfFailure(pod, end)).catch((error) => this.options.warn(String(error)));
    return pod;
  }

  /** Ends the pod if it runs; its object, volumes and, unless it failed, its log go when its process is gone. */
  remove(pod: Pod, graceSeconds?: number): void {
    pod.terminate(graceSeconds);
    void this.clear(pod).catch((error) => this.options.warn(`pod ${pod.name} left files: ${error}`));
  }

  of(object: KubernetesObject): Pod {
    const pod = this.pods.get(object.metadata.uid);
    if (pod === undefined) throw new Error(`the pod ${object.metadata.name} has no process`);
    return pod;
  }

  /** Ends all pods: SIGTERM, SIGKILL after their own grace or this one, whichever is shorter. Resolves when all are gone. */
  async close(graceSeconds: number): Promise<void> {
    const all = [...this.pods.values()];
    for (const pod of all) pod.terminate(Math.min(graceSeconds, pod.graceSeconds));
    await Promise.all(all.map((pod) => this.clear(pod)));
  }

  private async clear(pod: Pod): Promise<void> {
    const { exitCode } = await pod.ended;
    this.options.objects.remove(POD, pod.object);
    this.pods.delete(pod.object.metadata.uid);
    await pod.left;
    await rm(this.volumesOf(pod.object), { recursive: true, force: true });
    if (exitCode === 0) await rm(pod.log, { force: true });
  }

  private run(object: KubernetesObject, spec: PodSpec, log: string): ContainerProcess {
    const { name, namespace = "", uid } = object.metadata;
    try {
      const contents = this.options.contents(onlyContainer(spec).image);
      const places = { contents, volume: (volume: string) => this.volumeFolder(object, spec, volume) };
      const plan = planContainer(spec, { name, namespace, uid }, places, this.options.environment);
      return startProcess(plan, log);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return neverStarted(message);
    }
  }

  private volumeFolder(object: KubernetesObject, spec: PodSpec, name: string): string {
    const claim = spec.volumes?.find((volume) => volume.name === name)?.persistentVolumeClaim?.claimName;
    const shared = claim === undefined ? undefined : this.options.volumes[claim];
    if (shared !== undefined) return shared;
    if (claim !== undefined) throw new Error(`no folder stands for the claim ${claim} of volume ${name}`);
    const folder = join(this.volumesOf(object), name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  private volumesOf(object: KubernetesObject): string {
    return join(this.options.folder, "volumes", `${object.metadata.namespace}_${object.metadata.name}`);
  }

  private async tellOfFailure(pod: Pod, end: Awaited<Pod["ended"]>): Promise<void> {
    if (end.exitCode === 0 || pod.terminating) return;
    const how = end.error ?? (end.signal === undefined ? `exit code ${end.exitCode}` : `killed by ${end.signal}`);
    const after = `${(end.livedMilliseconds / 1000).toFixed(1)} s`;
    const tail = end.error === undefined ? await readLog(pod.log, { tailLines: LINES_TOLD }) : "";
    const text = tail.toString().trimEnd();
    const lines = text === "" ? "" : `; the end of its log ${pod.log}:\n${text}`;
    this.options.warn(`pod ${pod.object.metadata.namespace}/${pod.name} failed after ${after}: ${how}${lines}`);
  }

  private freeName(namespace: string, prefix: string): string {
    for (;;) {
      const name = `${prefix.slice(0, 57)}-${suffix()}`;
      if (this.options.objects.find(POD, namespace, name) === undefined) return name;
    }
  }
}

/** Letters and digits that spell no words, as Kubernetes takes them. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const suffix = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");

function neverStarted(error: string): ContainerProcess {
  const nothing = () => undefined;
  const left = Promise.resolve();
  return { id: undefined, ended: Promise.resolve({ exitCode: 128, error }), left, terminate: nothing, kill: nothing };
}
