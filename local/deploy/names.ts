import { createHash } from "node:crypto";

/**
 * A physical name for a resource whose template gives none: the same at every deployment, so that tables and buckets kept on
 * disk are found again. Too long a name keeps its beginning and ends in a hash of the whole.
 */
export function physicalName(stack: string, logicalId: string, longest: number): string {
  const name = `${stack}-${logicalId}`;
  if (name.length <= longest) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longest - hash.length - 1)}-${hash}`;
}
