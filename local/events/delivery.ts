import { setTimeout as delay } from "node:timers/promises";
import { AwsFault } from "../aws-json.ts";
import { type DeliveryFailure, deliveryFailure } from "./delivery-failure.ts";

/** A target of a rule. */
export interface RuleTarget {
  readonly id: string;
  /** A state machine, a function or an SQS queue. */
  readonly arn: string;
  /** Constant JSON text that the target gets in place of the event. */
  readonly input?: string;
  /** The SQS queue for events that could not be delivered; without one they are dropped with a warning. */
  readonly deadLetterArn?: string;
  /** 0 to 185; here at most `RETRY_PAUSES_MS.length` are made, which is also the default. */
  readonly retryAttempts?: number;
  /** 60 to 86,400 s, the default; an older event is not tried again. */
  readonly maximumEventAgeSeconds?: number;
}

/** What events go to: the other services of the local cloud, each by its ARN. A promise rejects when the event is not taken. */
export interface Targets {
  startExecution(stateMachineArn: string, input: string): Promise<void>;
  invokeFunction(arn: string, payload: string): Promise<void>;
  sendMessage(queueArn: string, body: string, attributes: Record<string, string>): Promise<void>;
}

/** Pauses before the tries after the first. On AWS up to 185 tries take 24 hours; here a target is up or broken. */
const RETRY_PAUSES_MS = [100, 400, 1600];

/** EventBridge's default age limit, 24 hours. */
const MAX_AGE_SECONDS = 86_400;

/** The largest input of an execution, in bytes. */
const MAX_INPUT_BYTES = 256 * 1024;

type Send = (targets: Targets, arn: string, body: string) => Promise<void>;

const SEND_BY_SERVICE: Record<string, Send> = {
  states: async (targets, arn, body) => {
    const bytes = Buffer.byteLength(body);
    if (bytes > MAX_INPUT_BYTES) {
      throw new AwsFault("ValidationException", `the input has ${bytes} bytes, an execution takes ${MAX_INPUT_BYTES}`);
    }
    await targets.startExecution(arn, body);
  },
  lambda: (targets, arn, body) => targets.invokeFunction(arn, body),
  sqs: (targets, arn, body) => targets.sendMessage(arn, body, {}),
};

/** @throws AwsFault ValidationException when a target is none that events can be sent to here. */
export const checkTarget = (rule: string, { id, arn, deadLetterArn }: RuleTarget): void => {
  const refuse = (why: string) => new AwsFault("ValidationException", `rule ${rule}, target ${id}: ${why}`);
  if (!Object.hasOwn(SEND_BY_SERVICE, serviceOf(arn))) {
    throw refuse(`targets are state machines (states), functions (lambda) and queues (sqs), not ${arn}`);
  }
  if (deadLetterArn !== undefined && serviceOf(deadLetterArn) !== "sqs") {
    throw refuse(`the dead-letter queue must be an SQS queue, not ${deadLetterArn}`);
  }
};

const serviceOf = (arn: string): string => arn.split(":")[2] ?? "";

/** One event on its way to one target. */
export interface Delivery {
  readonly ruleArn: string;
  readonly target: RuleTarget;
  /** The event as JSON text. */
  readonly event: string;
}

/**
 * Brings an event to a target: tries again after failures that may pass, else puts it into the target's dead-letter
 * queue with the attributes EventBridge adds.
 * @param signal aborts the pauses; the event is then lost.
 * @throws Error when the event could not be kept: there is no dead-letter queue, or it did not take it.
 */
export const deliver = async (targets: Targets, delivery: Delivery, signal: AbortSignal): Promise<void> => {
  const { target } = delivery;
  const send = SEND_BY_SERVICE[serviceOf(target.arn)]!;
  const retries = Math.min(target.retryAttempts ?? RETRY_PAUSES_MS.length, RETRY_PAUSES_MS.length);
  const oldestMs = performance.now() + (target.maximumEventAgeSeconds ?? MAX_AGE_SECONDS) * 1000;
  for (let retry = 0; ; retry += 1) {
    try {
      return await send(targets, target.arn, target.input ?? delivery.event);
    } catch (error) {
      const failure = deliveryFailure(error);
      const exhausted =
        retry >= retries
          ? "MaximumRetryAttempts"
          : performance.now() > oldestMs
            ? "MaximumEventAgeInSeconds"
            : undefined;
      if (!failure.retriable) return await bury(targets, delivery, failure, { RETRY_ATTEMPTS: String(retry) });
      if (exhausted !== undefined) {
        const attempts = { RETRY_ATTEMPTS: String(retry), EXHAUSTED_RETRY_CONDITION: exhausted };
        return await bury(targets, delivery, failure, attempts);
      }
    }
    await delay(RETRY_PAUSES_MS[retry], undefined, { signal });
  }
};

const bury = async (
  targets: Targets,
  { ruleArn, target, event }: Delivery,
  failure: DeliveryFailure,
  attempts: Record<string, string>,
): Promise<void> => {
  const lost = `an event of ${ruleArn} was not delivered to ${target.arn} (${failure.code}: ${failure.message})`;
  if (target.deadLetterArn === undefined)
    throw new Error(`${lost} and is dropped: the target has no dead-letter queue`);
  const attributes = {
    RULE_ARN: ruleArn,
    TARGET_ARN: target.arn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...attempts,
  };
  try {
    await targets.sendMessage(target.deadLetterArn, event, attributes);
  } catch (error) {
    throw new Error(`${lost} and is dropped: its dead-letter queue ${target.deadLetterArn} did not take it`, {
      cause: error,
    });
  }
};
