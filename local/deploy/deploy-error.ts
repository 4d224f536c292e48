/** A template that cannot be deployed here; the message names stack, resource and what is wrong with it. */
export class DeployError extends Error {
  override readonly name = "DeployError";
}
