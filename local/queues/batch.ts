import { AwsFault, onlyFields } from "../aws-json.ts";
import type { Input } from "./input.ts";

/** AWS's quota of entries in one batch. */
const MAX_ENTRIES = 10;

/** The answer of a batch action: entries that failed do not keep the others from being done. */
export interface BatchAnswer {
  Successful: Record<string, unknown>[];
  Failed: { Id: string; SenderFault: boolean; Code: string; Message: string }[];
}

/** The entries of a batch, each with its distinct id. @throws AwsFault when the batch as a whole is wrong. */
export const batchEntries = (action: string, input: Input, fields: readonly string[]): (Input & { Id: string })[] => {
  const entries = (input["Entries"] ?? []) as (Input & { Id: string })[];
  if (entries.length === 0) throw new AwsFault("EmptyBatchRequest", `${action}: the batch has no entries`);
  if (entries.length > MAX_ENTRIES) {
    const message = `${action}: a batch has at most ${MAX_ENTRIES} entries, came ${entries.length}`;
    throw new AwsFault("TooManyEntriesInBatchRequest", message);
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    onlyFields("SQS", `${action} entry`, entry, ["Id", ...fields]);
    if (!/^[\w-]{1,80}$/.test(entry.Id ?? "")) {
      const message = `${action}: an Id has 1 to 80 letters, digits, - and _, came ${JSON.stringify(entry.Id)}`;
      throw new AwsFault("InvalidBatchEntryId", message);
    }
    if (ids.has(entry.Id)) throw new AwsFault("BatchEntryIdsNotDistinct", `${action}: the Id ${entry.Id} came twice`);
    ids.add(entry.Id);
  }
  return entries;
};

/** Does each entry by itself; an entry's AwsFault is its failure, any other error fails the whole request. */
export const eachEntry = (
  entries: readonly (Input & { Id: string })[],
  act: (entry: Input) => Record<string, unknown>,
): BatchAnswer => {
  const answer: BatchAnswer = { Successful: [], Failed: [] };
  for (const entry of entries) {
    try {
      answer.Successful.push({ Id: entry.Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      answer.Failed.push({ Id: entry.Id, SenderFault: error.status < 500, Code: error.code, Message: error.message });
    }
  }
  return answer;
};
