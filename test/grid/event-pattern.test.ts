import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidPattern, parsePattern } from "#grid/event-pattern.ts";

const EVENT = {
  source: "burstgrid",
  "detail-type": "Grid Job Requested",
  resources: ["arn:a", "arn:b"],
  detail: {
    application: "value-at-risk",
    priority: 3,
    retry: false,
    note: null,
    empty: [],
    ip: "10.0.1.7",
    ip6: "2001:db8::1",
    path: "jobs/a*b/input.jsonl",
    tags: ["red", 7],
    rows: [
      { id: 1, colour: "red" },
      { id: 2, colour: "blue" },
    ],
    nested: { deep: { x: "y" } },
  },
};

const matches = (detail: unknown): boolean => parsePattern({ detail })(EVENT);

describe("an event pattern", () => {
  test.each<[string, unknown]>([
    ["a string", { application: ["value-at-risk"] }],
    ["one of several", { application: ["other", "value-at-risk"] }],
    ["a number", { priority: [3] }],
    ["a boolean", { retry: [false] }],
    ["null", { note: [null] }],
    ["a member of a list", { tags: [7] }],
    ["a nested field", { nested: { deep: { x: ["y"] } } }],
    ["two fields", { application: ["value-at-risk"], priority: [3] }],
    ["prefix", { application: [{ prefix: "value-" }] }],
    ["prefix whatever the case", { application: [{ prefix: { "equals-ignore-case": "VALUE-" } }] }],
    ["suffix", { application: [{ suffix: "-risk" }] }],
    ["suffix whatever the case", { application: [{ suffix: { "equals-ignore-case": "-RISK" } }] }],
    ["equals-ignore-case", { application: [{ "equals-ignore-case": "Value-At-Risk" }] }],
    ["anything-but a value", { application: [{ "anything-but": "other" }] }],
    ["anything-but a list", { priority: [{ "anything-but": [1, 2] }] }],
    ["anything-but a prefix", { application: [{ "anything-but": { prefix: "risk" } }] }],
    ["anything-but prefixes", { application: [{ "anything-but": { prefix: ["risk", "at"] } }] }],
    ["anything-but a suffix", { application: [{ "anything-but": { suffix: "value" } }] }],
    ["anything-but a wildcard", { application: [{ "anything-but": { wildcard: "x*" } }] }],
    ["anything-but a prefix on a number", { priority: [{ "anything-but": { prefix: "3" } }] }],
    ["anything-but for one member of a list", { tags: [{ "anything-but": "red" }] }],
    ["numeric equality", { priority: [{ numeric: ["=", 3] }] }],
    ["a numeric range", { priority: [{ numeric: [">", 2, "<=", 3] }] }],
    ["exists", { note: [{ exists: true }] }],
    ["not exists", { missing: [{ exists: false }] }],
    ["not exists below what is missing", { missing: { deeper: [{ exists: false }] } }],
    ["not exists of an empty list", { empty: [{ exists: false }] }],
    ["cidr", { ip: [{ cidr: "10.0.0.0/16" }] }],
    ["cidr of IPv6", { ip6: [{ cidr: "2001:db8::/32" }] }],
    ["wildcard", { path: [{ wildcard: "jobs/*/input.jsonl" }] }],
    ["wildcard with an escaped star", { path: [{ wildcard: "jobs/a\\*b/*" }] }],
    ["$or", { $or: [{ priority: [9] }, { application: ["value-at-risk"] }] }],
    ["one object of a list", { rows: { id: [2], colour: ["blue"] } }],
  ])("matches by %s", (_what, detail) => {
    expect(matches(detail)).toBe(true);
  });

  test.each<[string, unknown]>([
    ["another string", { application: ["value"] }],
    ["a number given as a string", { priority: ["3"] }],
    ["one of two fields", { application: ["value-at-risk"], priority: [4] }],
    ["a field that is not there", { missing: ["x"] }],
    ["a name that every object inherits", { constructor: [{ exists: true }] }],
    ["an object where a value is wanted", { nested: ["y"] }],
    ["exists on an object", { nested: [{ exists: true }] }],
    ["a prefix in another case", { application: [{ prefix: "Value" }] }],
    ["a prefix on a number", { priority: [{ prefix: "3" }] }],
    ["anything-but the value", { application: [{ "anything-but": ["value-at-risk", "x"] }] }],
    ["anything-but on a field that is not there", { missing: [{ "anything-but": "x" }] }],
    ["anything-but on its prefix", { application: [{ "anything-but": { prefix: "value" } }] }],
    ["a numeric range that is left out", { priority: [{ numeric: [">", 3] }] }],
    ["a numeric range on a string", { application: [{ numeric: ["<", 9] }] }],
    ["exists that is not wanted", { note: [{ exists: false }] }],
    ["an address outside", { ip: [{ cidr: "10.0.0.0/24" }] }],
    ["an address of the other family", { ip: [{ cidr: "2001:db8::/32" }] }],
    ["text that is no address", { application: [{ cidr: "10.0.0.0/8" }] }],
    ["a wildcard that stops early", { path: [{ wildcard: "jobs/*/input" }] }],
    ["a wildcard whose parts would overlap", { application: [{ wildcard: "value-at*at-risk" }] }],
    ["no side of $or", { $or: [{ priority: [9] }, { application: ["x"] }] }],
    ["fields of two different objects of a list", { rows: { id: [1], colour: ["blue"] } }],
  ])("does not match by %s", (_what, detail) => {
    expect(matches(detail)).toBe(false);
  });

  test.each<[unknown, RegExp]>([
    [{ a: [{ almost: "x" }] }, /detail.a: unrecognized match type almost/],
    [{ a: [{ "anything-but": { numeric: [1] } }] }, /unrecognized match type numeric in anything-but/],
    [{ a: [{ prefix: { suffix: "x" } }] }, /unrecognized match type suffix in prefix/],
    [{ a: [{ prefix: "a", suffix: "b" }] }, /detail.a: a match expression must be an object with one key/],
    [{ a: [{ prefix: 3 }] }, /detail.a: prefix must be an object with one key, came 3/],
    [{ a: [{ "equals-ignore-case": 3 }] }, /equals-ignore-case must be a string, came 3/],
    [{ a: "x" }, /detail.a: it must be an object or a list, came "x"/],
    [{ a: [] }, /detail.a: empty lists/],
    [{ a: {} }, /detail.a: empty objects/],
    [{ a: [[1]] }, /detail.a: a match expression must be an object with one key/],
    [{ a: [{ exists: 1 }] }, /exists must be true or false/],
    [{ a: [{ numeric: ["<", 1, ">", 0] }] }, /numeric must be like/],
    [{ a: [{ numeric: ["toString", 1] }] }, /numeric must be like/],
    [{ a: [{ cidr: "10.0.0.0/40" }] }, /cidr must be like/],
    [{ a: [{ "anything-but": ["x", 1] }] }, /strings only or numbers only/],
    [{ a: [{ "anything-but": [] }] }, /strings only or numbers only/],
    [{ a: [{ wildcard: "a**b" }] }, /two stars in a row/],
    [{ a: [{ wildcard: "a\\b" }] }, /may escape only/],
    [{ $or: [{ a: [1] }] }, /\$or must be a list of two patterns/],
    [{ a: ["x".repeat(2048)] }, /at most 2048/],
  ])("%j is refused with the field and the reason", (detail, message) => {
    expect(() => parsePattern({ detail })).toThrow(InvalidPattern);
    expect(() => parsePattern({ detail })).toThrow(message);
  });

  test("of an event's own values always matches it", () => {
    const leaf = fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), leaf, { minKeys: 1, maxKeys: 5 }),
        (detail) => {
          fc.pre(!("$or" in detail));
          const pattern = Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, [value]]));
          expect(parsePattern({ detail: pattern })({ detail })).toBe(true);
        },
      ),
    );
  });

  test("matches a wildcard exactly when the regular expression for it does", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "*", "."), { maxLength: 8 }).map((all) => all.join(""));
    fc.assert(
      fc.property(
        letters.map((text) => text.replace(/\*+/g, "*")),
        letters,
        (wildcard, value) => {
          const expected = new RegExp(`^${wildcard.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(value);
          expect(parsePattern({ a: [{ wildcard }] })({ a: value })).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
