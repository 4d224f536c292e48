import { AwsFault, type JsonAction } from "../../aws-json.ts";
import type { TaskTokens, TokenAnswer } from "../engine/tokens.ts";
import { MAX_PAYLOAD_BYTES } from "../engine/visit.ts";
import { MAX_CAUSE_LENGTH, MAX_ERROR_LENGTH } from "../failure.ts";
import { action } from "./input.ts";

/** The actions with which a worker ends its task. */
export const taskActions = (tokens: TaskTokens): Record<string, JsonAction> => ({
  ...action("SendTaskSuccess", ["taskToken", "output"], (input) => {
    const output = input.text("output");
    refuseUnlessJson(output);
    refuseUnlessOpen(tokens.settle(input.text("taskToken"), { ok: true, output }));
  }),
  ...action("SendTaskFailure", ["taskToken", "error", "cause"], (input) => {
    const error = input.optionalText("error", { longest: MAX_ERROR_LENGTH });
    const cause = input.optionalText("cause", { longest: MAX_CAUSE_LENGTH });
    refuseUnlessOpen(tokens.settle(input.text("taskToken"), { ok: false, error, cause }));
  }),
  ...action("SendTaskHeartbeat", ["taskToken"], (input) => refuseUnlessOpen(tokens.heartbeat(input.text("taskToken")))),
});

const refuseUnlessOpen = (answer: TokenAnswer): void => {
  if (answer === "closed") {
    throw new AwsFault("TaskTimedOut", "Task Timed Out: 'The task token has expired or its task has been closed'");
  }
  if (answer === "not a token") throw new AwsFault("InvalidToken", "Invalid Token: 'Invalid token'");
};

const refuseUnlessJson = (output: string): void => {
  const bytes = Buffer.byteLength(output);
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw new AwsFault(
      "ValidationException",
      `SendTaskSuccess: output has ${bytes} bytes, at most ${MAX_PAYLOAD_BYTES} are taken`,
    );
  }
  try {
    JSON.parse(output);
  } catch (error) {
    throw new AwsFault("InvalidOutput", `Invalid Output: '${(error as Error).message}'`);
  }
};
