import { join } from "node:path";
import { expand } from "./expand.ts";
import type { ContainerSpec, PodSpec } from "./pod-fields.ts";

/** What a container is started as. */
export interface ContainerPlan {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface PodIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/** Where the paths of a container lie on this machine. */
export interface Places {
  /** Stands for the image's /app. */
  readonly contents: string;
  /** Folder of a volume by its name. */
  volume(name: string): string;
}

/** The name of the one node. */
export const NODE_NAME = "local";
export const POD_IP = "127.0.0.1";

const IMAGE_FOLDER = "/app";

/**
 * Turns a pod's container into a command of this machine.
 *
 * A container sees its volumes at their mount paths; a process of this machine cannot. So a path that begins with a mount path
 * (the longest one that fits), or with the image's /app, is replaced by the folder it stands for, wherever the manifest gives
 * one: in `workingDir`, in `command` and `args`, and in the values of `env`. A program must therefore take the paths of its
 * volumes from its environment or arguments. `node` means the Node that runs the grid. Without `workingDir` it is /app.
 *
 * `base` is laid under the container's own variables; `$(NAME)` sees only the latter, as in Kubernetes.
 *
 * @throws Error when `workingDir` is neither in /app nor in a volume.
 */
export function planContainer(
  spec: PodSpec,
  pod: PodIdentity,
  places: Places,
  base: Readonly<Record<string, string>>,
): ContainerPlan {
  const container = onlyContainer(spec);
  const here = pathsOf(container, places);
  const own: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const path = variable.valueFrom?.fieldRef.fieldPath;
    own[variable.name] = path === undefined ? here(expand(variable.value ?? "", own)) : fieldOf(spec, pod, path);
  }
  const [program = "", ...rest] = [...container.command, ...(container.args ?? [])].map((word) =>
    here(expand(word, own)),
  );
  const wanted = container.workingDir ?? IMAGE_FOLDER;
  const folder = here(wanted);
  if (folder === wanted)
    throw new Error(`workingDir ${wanted} is neither in ${IMAGE_FOLDER} nor in a volume of the pod`);
  return {
    command: [program === "node" ? process.execPath : program, ...rest],
    folder,
    environment: { ...base, ...own },
  };
}

export function onlyContainer(spec: PodSpec): ContainerSpec {
  const [container] = spec.containers;
  if (container === undefined) throw new Error("a pod without a container");
  return container;
}

function pathsOf(container: ContainerSpec, places: Places): (text: string) => string {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, subPath }) => ({
    from: mountPath.length > 1 ? mountPath.replace(/\/+$/, "") : mountPath,
    to: join(places.volume(name), subPath ?? ""),
  }));
  const all = [...mounts, { from: IMAGE_FOLDER, to: places.contents }].sort((a, b) => b.from.length - a.from.length);
  return (text) => {
    const mount = all.find(({ from }) => text === from || text.startsWith(`${from}/`));
    return mount === undefined ? text : `${mount.to}${text.slice(mount.from.length)}`;
  };
}

function fieldOf(spec: PodSpec, pod: PodIdentity, path: string): string {
  const fields: Record<string, string> = {
    "metadata.name": pod.name,
    "metadata.namespace": pod.namespace,
    "metadata.uid": pod.uid,
    "spec.nodeName": NODE_NAME,
    "spec.serviceAccountName": spec.serviceAccountName ?? "default",
    "status.podIP": POD_IP,
  };
  const value = fields[path];
  if (value === undefined) throw new Error(`fieldRef ${path}: a pod has no such field here`);
  return value;
}
