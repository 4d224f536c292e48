type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = { readonly [key: string]: Json };

const RUN_JOB = "arn:aws:states:::eks:runJob.sync";
const LAUNCH = "arn:aws:states:::lambda:invoke.waitForTaskToken";

/** In place of `EKS.429` and `EKS.5xx`, and for what may befall a Lambda, as in the definition's other states. */
const PASSING_ERRORS = [
  "Kubernetes.Unavailable",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
  "Sandbox.Timedout",
];

/**
 * The state machine's definition for a cluster whose API is private: each state that runs a Kubernetes Job by `eks:runJob.sync` hands the
 * same Job to the Lambda `${LaunchFunction}` and waits for the master's word. Step Functions reaches public endpoints only. All else stays
 * as it is.
 */
export function withPrivateLaunch(definition: string): string {
  const machine = fields(JSON.parse(definition) as Json, "the definition");
  const states = Object.entries(fields(machine["States"], "States")).map(([name, state]) => [
    name,
    launched(fields(state, name), name),
  ]);
  return JSON.stringify({ ...machine, States: Object.fromEntries(states) });
}

function launched(state: Fields, name: string): Fields {
  if (state["Resource"] !== RUN_JOB) return state;
  const { Job: job } = fields(state["Arguments"], `${name}.Arguments`);
  if (job === undefined) throw new Error(`state "${name}" runs a Kubernetes Job, but its Arguments have no Job`);
  return {
    ...state,
    Resource: LAUNCH,
    Arguments: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the definition
      FunctionName: "${LaunchFunction}",
      Payload: {
        job,
        executionArn: "{% $states.context.Execution.Id %}",
        token: "{% $states.context.Task.Token %}",
      },
    },
    Retry: retries(state, name).map((retry) => ({ ...fields(retry, `${name}.Retry`), ErrorEquals: PASSING_ERRORS })),
  };
}

function retries(state: Fields, name: string): readonly Json[] {
  const retry = state["Retry"];
  if (!Array.isArray(retry)) throw new Error(`state "${name}" runs a Kubernetes Job, but has no Retry`);
  return retry;
}

function fields(value: Json | undefined, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`${what} of the state machine: expected an object, came ${JSON.stringify(value)}`);
}
