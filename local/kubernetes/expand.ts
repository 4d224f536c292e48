/**
 * Replaces `$(NAME)` by the variable's value, as Kubernetes does in `command`, `args` and the values of `env`: a name that is
 * not known stays as written, and `$$(NAME)` is the way to write `$(NAME)` itself.
 */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    return Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole;
  });
}
