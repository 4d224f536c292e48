import { apiVersionOf, DEPLOYMENT, KINDS, type Kind, POD } from "./kinds.ts";

const CORE = KINDS.filter((kind) => kind.group === "");
const GROUPS = [...new Set(KINDS.map((kind) => kind.group).filter((group) => group !== ""))];

/** What clients such as kubectl ask to learn which kinds there are, by path; undefined for any other path. */
export function discovery(path: string): object | undefined {
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: GROUPS.map(groupOf) };
  if (path === "/api/v1") return resourceList("v1", CORE);
  const [, group, version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (group === undefined || !GROUPS.includes(group)) return undefined;
  if (version === undefined) return { kind: "APIGroup", apiVersion: "v1", ...groupOf(group) };
  const kinds = KINDS.filter((kind) => kind.group === group && kind.version === version);
  return kinds.length === 0 ? undefined : resourceList(`${group}/${version}`, kinds);
}

/** The Kubernetes release whose API is served here, as far as it is. */
export const VERSION = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.0+burstgrid-local",
  platform: `${process.platform}/${process.arch}`,
};

function groupOf(name: string): object {
  const versions = [...new Set(KINDS.filter((kind) => kind.group === name).map(apiVersionOf))].map((groupVersion) => ({
    groupVersion,
    version: groupVersion.slice(name.length + 1),
  }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(groupVersion: string, kinds: readonly Kind[]): object {
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources: kinds.flatMap(resourcesOf) };
}

function resourcesOf(kind: Kind): object[] {
  const { kind: name, plural, namespaced, shortNames } = kind;
  const categories = kind.role === "run" ? ["all"] : [];
  const verbs = kind === POD ? ["delete", "get", "list"] : ["create", "delete", "get", "list", "patch", "update"];
  const resource = {
    name: plural,
    singularName: name.toLowerCase(),
    namespaced,
    kind: name,
    shortNames,
    categories,
    verbs,
  };
  const sub = (of: string, kindOf: string, its: readonly string[]) => ({
    name: `${plural}/${of}`,
    singularName: "",
    namespaced,
    kind: kindOf,
    verbs: its,
  });
  if (kind === POD) return [resource, sub("log", "Pod", ["get"])];
  if (kind === DEPLOYMENT)
    return [resource, { ...sub("scale", "Scale", ["get", "patch", "update"]), group: "autoscaling", version: "v1" }];
  return [resource];
}
