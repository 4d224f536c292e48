import { InvalidPattern, type Leaf, type LeafTest, leafTest } from "./event-pattern-operators.ts";

export { InvalidPattern } from "./event-pattern-operators.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Says whether an event is one that a rule wants. */
export type EventTest = (event: Fields) => boolean;

/** The longest pattern of a rule, in characters (EventBridge's quota). */
const MAX_PATTERN_CHARACTERS = 2048;

/**
 * Makes the test that an event pattern stands for. Every field of the pattern must hold; in its list one member must.
 * Operators: plain values, null, prefix, suffix, equals-ignore-case, anything-but, numeric, exists, cidr, wildcard and
 * `$or`. Where the event has a list of objects, one object must fit the whole nested pattern.
 *
 * @throws InvalidPattern naming the field and what is wrong there.
 */
export const parsePattern = (pattern: unknown): EventTest => {
  const characters = JSON.stringify(pattern)?.length ?? 0;
  if (characters > MAX_PATTERN_CHARACTERS) {
    throw new InvalidPattern("", `it has ${characters} characters, at most ${MAX_PATTERN_CHARACTERS} are allowed`);
  }
  return fieldsTest("", pattern);
};

const fieldsTest = (at: string, pattern: unknown): EventTest => {
  if (!isFields(pattern)) throw new InvalidPattern(at, "it must be an object");
  const tests = Object.entries(pattern).map(([name, part]): EventTest => {
    if (name === "$or") return orTest(at, part);
    const test = fieldTest(at === "" ? name : `${at}.${name}`, part);
    return (fields) => test(Object.hasOwn(fields, name) ? fields[name] : undefined);
  });
  if (tests.length === 0) throw new InvalidPattern(at, "empty objects are not allowed");
  return (fields) => tests.every((test) => test(fields));
};

const orTest = (at: string, alternatives: unknown): EventTest => {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw new InvalidPattern(at, "$or must be a list of two patterns or more");
  }
  const tests = alternatives.map((alternative) => fieldsTest(at, alternative));
  return (fields) => tests.some((test) => test(fields));
};

const fieldTest = (at: string, part: unknown): ((value: unknown) => boolean) => {
  if (Array.isArray(part)) {
    if (part.length === 0) throw new InvalidPattern(at, "empty lists are not allowed");
    const tests: LeafTest[] = part.map((member) => leafTest(at, member));
    return (value) => {
      const leaves = leavesOf(value);
      return tests.some((test) => test(leaves));
    };
  }
  if (!isFields(part)) throw new InvalidPattern(at, `it must be an object or a list, came ${JSON.stringify(part)}`);
  const nested = fieldsTest(at, part);
  return (value) => {
    const objects = listOf(value).filter(isFields);
    // A field that is not there still fits `exists: false` further down.
    return objects.length === 0 ? nested({}) : objects.some(nested);
  };
};

/** The values a test looks at; an object is none, and neither is an empty list. */
const leavesOf = (value: unknown): Leaf[] =>
  listOf(value).filter(
    (member): member is Leaf => member !== undefined && (typeof member !== "object" || member === null),
  );

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]);

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
