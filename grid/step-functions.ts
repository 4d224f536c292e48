import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { Context, Effect, Layer } from "effect";
import { type AwsError, CLIENT_TUNING, call } from "./aws.ts";

/** `gone`: nobody waits for this token any more, as its state timed out, was ended before, or was tried again. */
export type CallBack = "taken" | "gone";

export interface StepFunctionsShape {
  /** Ends the state that waits for a token; `output` becomes its result. */
  sendTaskSuccess(token: string, output: unknown): Effect.Effect<CallBack, AwsError>;
  /** Fails the state that waits for a token. `cause` is cut to the 32,768 characters that the API takes. */
  sendTaskFailure(token: string, error: string, cause: string): Effect.Effect<CallBack, AwsError>;
  describeExecution(executionArn: string): Effect.Effect<DescribeExecutionCommandOutput, AwsError>;
}

/** Step Functions, for those whom its states wait for. */
export class StepFunctions extends Context.Service<StepFunctions, StepFunctionsShape>()("grid/StepFunctions") {
  static readonly layer = Layer.sync(StepFunctions, () => makeStepFunctions(new SFNClient(CLIENT_TUNING)));
}

const MAX_CAUSE = 32_768;
const GONE = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"];

function makeStepFunctions(states: SFNClient): StepFunctionsShape {
  const callBack = (sent: Effect.Effect<unknown, AwsError>): Effect.Effect<CallBack, AwsError> =>
    sent.pipe(
      Effect.as<CallBack>("taken"),
      Effect.catchIf(
        ({ code }) => GONE.includes(code),
        () => Effect.succeed<CallBack>("gone"),
      ),
    );
  return {
    sendTaskSuccess: (taskToken, output) =>
      callBack(
        call("StepFunctions.SendTaskSuccess", (abortSignal) =>
          states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }), { abortSignal }),
        ),
      ),
    sendTaskFailure: (taskToken, error, cause) =>
      callBack(
        call("StepFunctions.SendTaskFailure", (abortSignal) =>
          states.send(new SendTaskFailureCommand({ taskToken, error, cause: cause.slice(0, MAX_CAUSE) }), {
            abortSignal,
          }),
        ),
      ),
    describeExecution: (executionArn) =>
      call("StepFunctions.DescribeExecution", (abortSignal) =>
        states.send(new DescribeExecutionCommand({ executionArn }), { abortSignal }),
      ),
  };
}
