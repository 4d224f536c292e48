import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";

/** Step Functions and EventBridge as a handler's test sees them: what was said to them, and what they answer. */
export function callbacks() {
  const states = mockClient(SFNClient);
  const bus = mockClient(EventBridgeClient);
  return {
    states,
    bus,
    /** Every token is taken, every event too. */
    reset() {
      states.reset();
      states.on(SendTaskSuccessCommand).resolves({});
      states.on(SendTaskFailureCommand).resolves({});
      bus.reset();
      bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: "e" }] });
    },
    /** Nobody waits for this token any more. */
    tokenIsGone(taskToken: string) {
      states.on(SendTaskSuccessCommand, { taskToken }).rejects(new TaskTimedOut({ message: "gone", $metadata: {} }));
    },
    describes(execution: object) {
      states.on(DescribeExecutionCommand).resolves(execution);
    },
    /** Successes in their order: token and output. */
    successes: () =>
      states.commandCalls(SendTaskSuccessCommand).map(({ args: [{ input }] }) => ({
        token: input.taskToken,
        output: JSON.parse(input.output!) as unknown,
      })),
    failures: () => states.commandCalls(SendTaskFailureCommand).map(({ args: [{ input }] }) => input),
    /** Events in their order: detail-type and detail. */
    events: () =>
      bus.commandCalls(PutEventsCommand).map(({ args: [{ input }] }) => ({
        type: input.Entries![0]!.DetailType!,
        detail: JSON.parse(input.Entries![0]!.Detail!) as Record<string, unknown>,
      })),
  };
}
