/**
 * How one invocation of a function ended, as Lambda's Invoke API tells it.
 *
 * `payload` is the handler's result as JSON text (`null` for a handler that returned nothing). A failure carries what
 * the Node.js runtime reports: `errorType` is the thrown error's name, or one of Lambda's own: `Sandbox.Timedout`,
 * `Runtime.ExitError`, `Runtime.ImportModuleError`, `Runtime.HandlerNotFound`, `Function.ResponseSizeTooLarge` …
 * Step Functions makes `errorType` the state's Error.
 */
export type Invocation =
  | { ok: true; payload: string }
  | { ok: false; errorType: string; errorMessage: string; trace?: string[] };
