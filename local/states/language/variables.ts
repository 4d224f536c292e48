/** A node of JSONata's syntax tree, or any value found in one. */
type Node = unknown;

interface Use {
  readonly read: Set<string>;
  readonly bound: Set<string>;
}

/** Names an expression reads as `$name` and binds nowhere itself, `states` and function names included. */
export const freeVariables = (ast: Node): ReadonlySet<string> => {
  const { read, bound } = usesIn(ast);
  return new Set([...read].filter((name) => !bound.has(name)));
};

/** Names an expression binds itself: by `:=`, as a parameter of a function, or by `@$` and `#$` in a path. */
export const assignedInside = (ast: Node): ReadonlySet<string> => usesIn(ast).bound;

const usesIn = (ast: Node): Use => {
  const use: Use = { read: new Set(), bound: new Set() };
  visit(ast, use);
  return use;
};

const visit = (node: Node, use: Use): void => {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, use);
    return;
  }
  if (typeof node !== "object" || node === null || node instanceof RegExp) return;
  const { type, value, lhs, rhs, ...rest } = node as Record<string, Node>;
  if (type === "variable" && typeof value === "string") use.read.add(value);
  else if (type === "bind") {
    bind(lhs, use);
    visit(rhs, use);
    return;
  }
  if (type === "lambda" && Array.isArray(rest.arguments)) {
    for (const parameter of rest.arguments) bind(parameter, use);
    visit(rest.body, use);
    return;
  }
  for (const key of ["focus", "index"]) if (typeof rest[key] === "string") use.bound.add(rest[key]);
  visit([value, lhs, rhs, ...Object.values(rest)], use);
};

const bind = (target: Node, use: Use): void => {
  const name = (target as { value?: Node } | undefined)?.value;
  if (typeof name === "string") use.bound.add(name);
};
