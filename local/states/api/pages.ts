import { AwsFault } from "../../aws-json.ts";

/** Results on a page when a call asks for none, or for 0 [ListExecutions API]. */
const DEFAULT_PAGE = 100;

const MAX_PAGE = 1000;

/** One page of a list, and where the next one begins if there is one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * A page of a sorted list.
 * @param keyOf what tells an item from all others: the next page begins after the last item's key, so that items that
 *   are added meanwhile move nothing.
 * @throws AwsFault InvalidToken, ValidationException.
 */
export const pageOf = <T>(
  sorted: readonly T[],
  keyOf: (item: T) => string,
  asked: { maxResults: number | undefined; nextToken: string | undefined },
): Page<T> => {
  const size = asked.maxResults || DEFAULT_PAGE;
  if (size < 0 || size > MAX_PAGE) {
    throw new AwsFault("ValidationException", `maxResults must be from 0 to ${MAX_PAGE}, came ${size}`);
  }
  const start = asked.nextToken === undefined ? 0 : after(sorted, keyOf, asked.nextToken);
  const items = sorted.slice(start, start + size);
  const last = items.at(-1);
  if (last === undefined || start + size >= sorted.length) return { items };
  return { items, nextToken: Buffer.from(keyOf(last)).toString("base64url") };
};

const after = <T>(sorted: readonly T[], keyOf: (item: T) => string, nextToken: string): number => {
  const key = Buffer.from(nextToken, "base64url").toString("utf8");
  const at = sorted.findIndex((item) => keyOf(item) === key);
  if (at === -1) throw new AwsFault("InvalidToken", `Invalid Token: '${nextToken}' is no nextToken of this list`);
  return at + 1;
};
