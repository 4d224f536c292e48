import { Effect, Schema } from "effect";

/** What an AWS SDK call threw, as one typed error. The state machine retries on its tag. */
export class AwsError extends Schema.TaggedError<AwsError>()("AwsError", {
  /** Service and action, e.g. `DynamoDB.UpdateItem`. */
  operation: Schema.String,
  /** The service's own name for the error, e.g. `ConditionalCheckFailedException`. */
  code: Schema.String,
  detail: Schema.String,
  cause: Schema.Defect(),
}) {
  override get message() {
    return `${this.operation}: ${this.code}: ${this.detail}`;
  }
}

/** Runs one SDK call as an Effect: one span, aborted on interruption, failing with AwsError. */
export const call = <A>(operation: string, run: (abortSignal: AbortSignal) => Promise<A>): Effect.Effect<A, AwsError> =>
  Effect.tryPromise({ try: run, catch: (cause) => toAwsError(operation, cause) }).pipe(
    Effect.withSpan(`aws.${operation}`, { kind: "client" }),
  );

export const toAwsError = (operation: string, cause: unknown): AwsError =>
  cause instanceof Error
    ? new AwsError({ operation, code: cause.name, detail: cause.message, cause })
    : new AwsError({ operation, code: "Unknown", detail: String(cause), cause });

/**
 * Settings of every SDK client. Region, credentials and endpoint come from the environment alone. `cacheMiddleware` saves about a third
 * of the CPU time of a call; clients here are never changed after their first call, which is what it asks for.
 */
export const CLIENT_TUNING = { cacheMiddleware: true } as const;
