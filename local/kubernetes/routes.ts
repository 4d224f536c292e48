import { noSuchPath } from "./faults.ts";
import { KINDS, type Kind, NAMESPACE } from "./kinds.ts";

/** What a path of the API points to. */
export interface Target {
  readonly kind: Kind;
  /** Undefined: a kind without namespaces, or a list over all of them. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`; throws a NotFound that names the path. */
export function targetOf(path: string): Target {
  const [root, ...rest] = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const group = root === "apis" ? (rest.shift() ?? "") : "";
  const version = rest.shift();
  if (root !== "api" && root !== "apis") throw noSuchPath(path);
  const kindOf = (plural: string | undefined): Kind => {
    const kind = KINDS.find((each) => each.plural === plural && each.group === group && each.version === version);
    if (kind === undefined) throw noSuchPath(path);
    return kind;
  };
  const named = (kind: Kind, [name, subresource, ...more]: readonly string[], namespace?: string): Target => {
    if (more.length > 0) throw noSuchPath(path);
    return { kind, namespace, name, subresource };
  };
  const [first, namespace, plural, ...below] = rest;
  if (first === "namespaces" && plural !== undefined) {
    const kind = kindOf(plural);
    if (!kind.namespaced) throw noSuchPath(path);
    return named(kind, below, namespace);
  }
  const kind = kindOf(first);
  if (kind !== NAMESPACE && kind.namespaced && rest.length > 1) throw noSuchPath(path);
  return named(kind, rest.slice(1));
}
