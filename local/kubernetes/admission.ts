import { statSync } from "node:fs";
import { join } from "node:path";
import { planContainer } from "./container.ts";
import type { Cause } from "./faults.ts";
import type { PodSpec } from "./pod-fields.ts";

/** What pods may refer to. */
export interface Machine {
  /** Folder that stands for the image's /app; throws for an image that is not known. */
  contents(image: string): string;
  /** Folder of a persistent volume claim by its name. */
  readonly volumes: Readonly<Record<string, string>>;
}

/**
 * What a pod refers to and this machine does not have: refused when the object is created, where a cluster would leave the pod
 * waiting for ever. `path` is that of the pod's spec.
 */
export function missingParts(spec: PodSpec, path: string, machine: Machine): Cause[] {
  const causes = missingVolumes(spec, path, machine);
  for (const [index, container] of spec.containers.entries()) {
    const at = `${path}.containers[${index}]`;
    const volumes = new Set(spec.volumes?.map(({ name }) => name));
    for (const [mount, { name, subPath }] of (container.volumeMounts ?? []).entries()) {
      if (!volumes.has(name))
        causes.push(invalidValue(`${at}.volumeMounts[${mount}].name`, name, "no volume of the pod"));
      if (subPath !== undefined && (subPath.startsWith("/") || subPath.split("/").includes("..")))
        causes.push(invalidValue(`${at}.volumeMounts[${mount}].subPath`, subPath, "must stay inside the volume"));
    }
    for (const [variable, { name, value, valueFrom }] of (container.env ?? []).entries()) {
      if (value !== undefined && valueFrom !== undefined)
        causes.push(invalidValue(`${at}.env[${variable}]`, name, "may have value or valueFrom, not both"));
    }
    const contents = attempt(() => machine.contents(container.image));
    if (contents.error !== undefined) causes.push(invalidValue(`${at}.image`, container.image, contents.error));
    else if (causes.length === 0) causes.push(...missingFolder(spec, at, contents.value));
  }
  return causes;
}

function missingVolumes(spec: PodSpec, path: string, machine: Machine): Cause[] {
  return (spec.volumes ?? []).flatMap((volume, index) => {
    const at = `${path}.volumes[${index}]`;
    const claim = volume.persistentVolumeClaim?.claimName;
    if ((claim === undefined) === (volume.emptyDir === undefined))
      return [invalidValue(at, volume.name, "must have one of emptyDir and persistentVolumeClaim")];
    if (claim === undefined || Object.hasOwn(machine.volumes, claim)) return [];
    const known = Object.keys(machine.volumes).join(", ") || "none";
    return [
      invalidValue(
        `${at}.persistentVolumeClaim.claimName`,
        claim,
        `no folder stands for it; claims that have one: ${known}`,
      ),
    ];
  });
}

/** The working directory must be there if it lies in the image; one in a volume may be made later. */
function missingFolder(spec: PodSpec, at: string, contents: string): Cause[] {
  const identity = { name: "", namespace: "", uid: "" };
  const unborn = "/volume-of-a-pod-to-come";
  const plan = attempt(() => planContainer(spec, identity, { contents, volume: (name) => join(unborn, name) }, {}));
  const wanted = spec.containers[0]?.workingDir ?? "/app";
  if (plan.error !== undefined) return [invalidValue(`${at}.workingDir`, wanted, plan.error)];
  const { folder } = plan.value;
  if (folder.startsWith(unborn) || statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return [invalidValue(`${at}.workingDir`, wanted, `there is no folder ${folder}`)];
}

function invalidValue(field: string, value: string, why: string): Cause {
  return { field, reason: "FieldValueInvalid", message: `Invalid value: "${value}": ${why}` };
}

type Attempt<T> = { readonly value: T; readonly error?: undefined } | { readonly error: string };

function attempt<T>(act: () => T): Attempt<T> {
  try {
    return { value: act() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
