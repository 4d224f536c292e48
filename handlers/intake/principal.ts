/** Who asks, and which applications he may use. */
export interface Principal {
  /** The token's `sub`, for the log. */
  readonly subject: string;
  readonly applications: "all" | ReadonlySet<string>;
}

export const mayUse = ({ applications }: Principal, application: string): boolean =>
  applications === "all" || applications.has(application);

/** Claims of OAuth scopes: their items are about more than the grid, so those for it have a prefix. */
const SCOPE_CLAIMS = ["scope", "scp"];
const SCOPE_PREFIX = "applications:";

/** The applications that a token's claim permits: an array of names, or names with spaces between; `*` is all. */
export function permitted(claims: Readonly<Record<string, unknown>>, claim: string): Principal["applications"] {
  const items = itemsOf(claims[claim]);
  const names = SCOPE_CLAIMS.includes(claim)
    ? items.filter((item) => item.startsWith(SCOPE_PREFIX)).map((item) => item.slice(SCOPE_PREFIX.length))
    : items;
  return names.includes("*") ? "all" : new Set(names);
}

function itemsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value.split(" ").filter((item) => item !== "");
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
