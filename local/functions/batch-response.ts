/** Which messages of a batch are done with: the ids that failed, or that the whole batch failed and why. */
export type BatchOutcome =
  | { readonly kind: "partial"; readonly failed: ReadonlySet<string> }
  | { readonly kind: "failed"; readonly why: string };

/**
 * Reads a handler's answer under ReportBatchItemFailures, by Lambda's rules: no answer and an empty list are a success;
 * an answer that is not of the form, and an id that is empty or not of the batch, fail the whole batch.
 *
 * @param payload the handler's result as JSON text.
 * @param messageIds the ids of the batch.
 */
export const batchOutcome = (payload: string, messageIds: ReadonlySet<string>): BatchOutcome => {
  const answer: unknown = JSON.parse(payload);
  if (answer === null) return { kind: "partial", failed: new Set() };
  if (typeof answer !== "object" || Array.isArray(answer)) {
    return {
      kind: "failed",
      why: `the answer must be an object with batchItemFailures, came ${payload.slice(0, 100)}`,
    };
  }
  const failures = (answer as Record<string, unknown>)["batchItemFailures"] ?? [];
  if (!Array.isArray(failures)) return { kind: "failed", why: "batchItemFailures must be a list" };
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    const id = idOf(failure);
    if (typeof id !== "string" || !messageIds.has(id)) {
      const why = `batchItemFailures has the itemIdentifier ${JSON.stringify(id)}, which is no message id of the batch`;
      return { kind: "failed", why };
    }
    failed.add(id);
  }
  return { kind: "partial", failed };
};

const idOf = (failure: unknown): unknown =>
  typeof failure === "object" && failure !== null ? (failure as Record<string, unknown>)["itemIdentifier"] : undefined;
