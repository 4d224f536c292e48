import type { Invocation } from "../../functions/invocation.ts";
import { StateFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { Integration } from "./index.ts";

/** Invokes a function by name or ARN with a JSON text; a function that does not exist is an error with a `code`. */
export type InvokeFunction = (nameOrArn: string, payload: string) => Promise<Invocation>;

/** `lambda:invoke`, answered with the members of the service's own answer that make sense here. */
export const lambdaInvoke = (invokeFunction: InvokeFunction): Integration => ({
  submit: async ({ FunctionName, Payload }) => {
    const invocation = await invoke(invokeFunction, String(FunctionName), JSON.stringify(Payload ?? {}));
    if (invocation.ok) {
      return { ExecutedVersion: "$LATEST", Payload: JSON.parse(invocation.payload) as Json, StatusCode: 200 };
    }
    const { errorType, errorMessage, trace = [] } = invocation;
    throw new StateFailure(errorType, JSON.stringify({ errorType, errorMessage, trace }));
  },
});

/** A call that the service itself refuses fails as `Lambda.<code>`, e.g. `Lambda.ResourceNotFoundException`. */
const invoke = async (invokeFunction: InvokeFunction, name: string, payload: string): Promise<Invocation> => {
  try {
    return await invokeFunction(name, payload);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    throw new StateFailure(`Lambda.${code ?? "SdkClientException"}`, String(message ?? error));
  }
};
