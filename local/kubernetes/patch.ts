import { KubernetesFault } from "./faults.ts";
import { isRecord } from "./fields.ts";

const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";

/**
 * Applies a JSON merge patch (RFC 7386). A strategic merge patch is the same as long as it has neither lists nor directives;
 * with them it is refused, and so is any other kind of patch.
 */
export function patched(target: unknown, patch: unknown, contentType: string): unknown {
  const type = contentType.split(";", 1)[0]?.trim();
  if (type !== MERGE && type !== STRATEGIC)
    throw unsupported(`a patch must be ${MERGE}, or ${STRATEGIC} without lists, not ${type || "untyped"}`);
  if (type === STRATEGIC && hasListsOrDirectives(patch))
    throw unsupported(`a ${STRATEGIC} with lists or $ directives is not served here; send ${MERGE}`);
  return merge(target, patch);
}

const unsupported = (message: string) => new KubernetesFault(415, "UnsupportedMediaType", message);

function merge(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}

function hasListsOrDirectives(patch: unknown): boolean {
  if (Array.isArray(patch)) return true;
  if (!isRecord(patch)) return false;
  return Object.entries(patch).some(([name, value]) => name.startsWith("$") || hasListsOrDirectives(value));
}
