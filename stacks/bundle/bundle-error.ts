/** Something in the config or in a user's code that cannot be bundled; the message names application, role or glob, and path. */
export class BundleError extends Error {
  override readonly name = "BundleError";
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
  }
}
