import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ListPage, listPage } from "#local/objects/listing.ts";

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** All pages of a listing over keys in memory. */
const listAll = (keys: string[], prefix: string, delimiter: string, max: number) => {
  const sorted = [...new Set(keys)].toSorted(byBytes);
  const find = (after: string, inclusive: boolean) => {
    const key = sorted.find((each) => byBytes(each, after) > 0 || (inclusive && each === after));
    return key === undefined ? undefined : { key };
  };
  const objects: string[] = [];
  const prefixes: string[] = [];
  let after: string | undefined = "";
  while (after !== undefined) {
    const page: ListPage<{ key: string }> = listPage({ prefix, delimiter, after, max }, find);
    expect(page.objects.length + page.commonPrefixes.length).toBeLessThanOrEqual(max);
    objects.push(...page.objects.map(({ key }) => key));
    prefixes.push(...page.commonPrefixes);
    after = page.next;
  }
  return { objects, prefixes };
};

describe("a listing", () => {
  const key = fc
    .array(fc.constantFrom("a", "b", "/", "~", "ü", "😀"), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(""));

  it("has each key under the prefix once, as itself or rolled up, in order of its bytes, whatever the page size", () => {
    fc.assert(
      fc.property(
        fc.array(key, { maxLength: 25 }),
        fc.constantFrom("", "a", "a/", "/"),
        fc.constantFrom("", "/"),
        fc.integer({ min: 1, max: 7 }),
        (keys, prefix, delimiter, max) => {
          const matching = [...new Set(keys)].filter((each) => each.startsWith(prefix)).toSorted(byBytes);
          const cut = (each: string) => (delimiter === "" ? -1 : each.indexOf(delimiter, prefix.length));
          expect(listAll(keys, prefix, delimiter, max)).toEqual({
            objects: matching.filter((each) => cut(each) === -1),
            prefixes: [
              ...new Set(matching.filter((each) => cut(each) !== -1).map((each) => each.slice(0, cut(each) + 1))),
            ],
          });
        },
      ),
    );
  });

  it("of no keys is empty and has no next page", () => {
    const page = listPage({ prefix: "", delimiter: "", after: "", max: 0 }, () => ({ key: "a" }));
    expect(page).toEqual({ objects: [], commonPrefixes: [], next: undefined });
  });
});
