import type { StoredObject } from "./catalog.ts";

/** What ListObjectsV2 is asked for. */
export interface ListQuery {
  prefix: string;
  /** Keys that have it after the prefix are rolled up into one common prefix; none when empty. */
  delimiter: string;
  /** List only keys after this one. */
  after: string;
  /** Keys and common prefixes together. */
  max: number;
}

/** One page of a listing. */
export interface ListPage<T> {
  objects: T[];
  commonPrefixes: string[];
  /** What `after` is for the next page; undefined on the last one. */
  next: string | undefined;
}

/** Sorts behind every key that begins with what stands before it. */
const LAST = "\u{10FFFF}";

/**
 * One page of the keys of a bucket.
 * @param find the first object whose key is greater than `after`, or equal when `inclusive`, in the order of UTF-8.
 */
export const listPage = <T extends Pick<StoredObject, "key">>(
  query: ListQuery,
  find: (after: string, inclusive: boolean) => T | undefined,
): ListPage<T> => {
  const { prefix, delimiter, max } = query;
  const page: ListPage<T> = { objects: [], commonPrefixes: [], next: undefined };
  let found = max === 0 ? undefined : firstOf(query, find);
  let last = query.after;
  while (found?.key.startsWith(prefix)) {
    if (page.objects.length + page.commonPrefixes.length === max) return { ...page, next: last };
    const cut = delimiter === "" ? -1 : found.key.indexOf(delimiter, prefix.length);
    if (cut === -1) {
      page.objects.push(found);
      last = found.key;
    } else {
      const common = found.key.slice(0, cut + delimiter.length);
      page.commonPrefixes.push(common);
      last = common + LAST;
    }
    found = find(last, false);
  }
  return page;
};

const firstOf = <T>({ prefix, after }: ListQuery, find: (after: string, inclusive: boolean) => T | undefined) =>
  Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0 ? find(prefix, true) : find(after, false);
