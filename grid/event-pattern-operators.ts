import { BlockList, isIP } from "node:net";

/** A value in an event that a pattern can test. */
export type Leaf = string | number | boolean | null;

/** Tests the leaves at one field: none when the field is not there, several when it holds a list. */
export type LeafTest = (leaves: readonly Leaf[]) => boolean;

/** Thrown when a pattern is not one; `at` is the path of the field. */
export class InvalidPattern extends Error {
  constructor(at: string, why: string) {
    super(`Event pattern is not valid. Reason: ${at === "" ? "" : `${at}: `}${why}`);
    this.name = "InvalidPattern";
  }
}

/**
 * The test that one member of a field's list stands for: a plain value or an operator such as `{ "prefix": "a" }`.
 *
 * On what EventBridge leaves open: `anything-but` with an operator holds for values that are no strings, and numbers
 * are compared by value (300 equals 3.0e2).
 * @throws InvalidPattern naming an operator that there is not.
 */
export const leafTest = (at: string, member: unknown): LeafTest => {
  if (isLeaf(member)) return some((leaf) => leaf === member);
  const [name, argument] = onlyEntry(at, member, "a match expression");
  if (name === "exists") {
    if (typeof argument !== "boolean") throw new InvalidPattern(at, "exists must be true or false");
    return (leaves) => leaves.length > 0 === argument;
  }
  if (name === "anything-but") {
    const excluded = anythingBut(at, argument);
    return some((leaf) => !excluded(leaf));
  }
  if (name === "numeric") return some(numeric(at, argument));
  if (name === "cidr") return some(cidr(at, argument));
  const ofText = textOperator(at, name);
  if (ofText === undefined) {
    throw new InvalidPattern(
      at,
      `unrecognized match type ${name}; there are ${[...OPERATORS, ...TEXT_OPERATORS].join(", ")}`,
    );
  }
  return some(ofText(argument));
};

type Test = (leaf: Leaf) => boolean;

const OPERATORS = ["anything-but", "cidr", "exists", "numeric"];
const TEXT_OPERATORS = ["equals-ignore-case", "prefix", "suffix", "wildcard"];

const some =
  (test: Test): LeafTest =>
  (leaves) =>
    leaves.some(test);

const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";

const onlyEntry = (at: string, value: unknown, what: string): [string, unknown] => {
  const entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    throw new InvalidPattern(at, `${what} must be an object with one key, came ${JSON.stringify(value)}`);
  }
  return entry;
};

/** The operators on strings, each a function of its argument. */
const textOperator = (at: string, name: string): ((argument: unknown) => Test) | undefined => {
  const text = (argument: unknown): string => {
    if (typeof argument === "string") return argument;
    throw new InvalidPattern(at, `${name} must be a string, came ${JSON.stringify(argument)}`);
  };
  const onStrings =
    (test: (value: string) => boolean): Test =>
    (leaf) =>
      typeof leaf === "string" && test(leaf);
  const end = (isAt: (value: string, part: string) => boolean) => (argument: unknown) => {
    if (typeof argument === "string") return onStrings((value) => isAt(value, argument));
    const [inner, folded] = onlyEntry(at, argument, name);
    if (inner !== "equals-ignore-case") throw new InvalidPattern(at, `unrecognized match type ${inner} in ${name}`);
    const part = text(folded).toLowerCase();
    return onStrings((value) => isAt(value.toLowerCase(), part));
  };
  if (name === "prefix") return end((value, part) => value.startsWith(part));
  if (name === "suffix") return end((value, part) => value.endsWith(part));
  if (name === "wildcard") return (argument) => onStrings(wildcard(at, text(argument)));
  if (name !== "equals-ignore-case") return undefined;
  return (argument) => {
    const folded = text(argument).toLowerCase();
    return onStrings((value) => value.toLowerCase() === folded);
  };
};

/** What `anything-but` excludes. */
const anythingBut = (at: string, argument: unknown): Test => {
  const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  if (isLeaf(argument) || Array.isArray(argument)) {
    const list = listOf(argument);
    const [kind, ...otherKinds] = new Set(list.map((member) => typeof member));
    if (otherKinds.length > 0 || (kind !== "string" && kind !== "number")) {
      throw new InvalidPattern(at, "anything-but must list strings only or numbers only");
    }
    const excluded = new Set(list);
    return (leaf) => excluded.has(leaf);
  }
  const [name, values] = onlyEntry(at, argument, "anything-but");
  const ofText = textOperator(at, name);
  if (ofText === undefined) throw new InvalidPattern(at, `unrecognized match type ${name} in anything-but`);
  const tests = listOf(values).map(ofText);
  if (tests.length === 0) throw new InvalidPattern(at, `anything-but ${name}: empty lists are not allowed`);
  return (leaf) => tests.some((test) => test(leaf));
};

const COMPARE: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** `[op, number]`, or a lower and then an upper bound. */
const numeric = (at: string, argument: unknown): Test => {
  const expected = 'numeric must be like [">", 0] or [">", 0, "<=", 5]';
  const refuse = () => new InvalidPattern(at, `${expected}, came ${JSON.stringify(argument)}`);
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) throw refuse();
  const [first, low, second, high] = argument as unknown[];
  const bound = (operator: unknown, value: unknown): ((value: number) => boolean) => {
    const compare = typeof operator === "string" && Object.hasOwn(COMPARE, operator) ? COMPARE[operator] : undefined;
    if (compare === undefined || typeof value !== "number") throw refuse();
    return (leaf) => compare(leaf, value);
  };
  const tests = [bound(first, low)];
  if (argument.length === 4) {
    tests.push(bound(second, high));
    if (!String(first).startsWith(">") || !String(second).startsWith("<")) throw refuse();
  }
  return (leaf) => typeof leaf === "number" && tests.every((test) => test(leaf));
};

const cidr = (at: string, argument: unknown): Test => {
  const [address = "", bits = "", ...more] = typeof argument === "string" ? argument.split("/") : [];
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128) || more.length > 0) {
    throw new InvalidPattern(at, `cidr must be like 10.0.0.0/24, came ${JSON.stringify(argument)}`);
  }
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return (leaf) =>
    typeof leaf === "string" && isIP(leaf) === family && range.check(leaf, family === 4 ? "ipv4" : "ipv6");
};

/** `*` stands for any run of characters, also none; `\*` and `\\` for themselves. */
const wildcard = (at: string, pattern: string): ((value: string) => boolean) => {
  const [first = "", ...rest] = splitAtStars(at, pattern);
  const last = rest.pop();
  if (last === undefined) return (value) => value === first;
  return (value) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
    const end = value.length - last.length;
    let from = first.length;
    for (const part of rest) {
      const found = value.indexOf(part, from);
      if (found < 0 || found + part.length > end) return false;
      from = found + part.length;
    }
    return true;
  };
};

/** The literal parts between the stars of a wildcard, unescaped. */
const splitAtStars = (at: string, pattern: string): string[] => {
  const refuse = (why: string) => new InvalidPattern(at, `wildcard "${pattern}" ${why}`);
  const parts = [""];
  for (const token of pattern.match(/\\.|\\$|\*+|[^\\*]+/gs) ?? []) {
    if (token.startsWith("**")) throw refuse("must not have two stars in a row");
    if (token === "*") parts.push("");
    else if (!token.startsWith("\\")) parts.push(parts.pop() + token);
    else if (token === "\\*" || token === "\\\\") parts.push(parts.pop() + token.slice(1));
    else throw refuse("may escape only * and \\");
  }
  return parts;
};
