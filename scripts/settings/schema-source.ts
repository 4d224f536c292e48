/**
 * The config's Schemas as their source tells of them: a Schema at run time has lost the docstrings, which are what its fields mean.
 * Reads the form that grid/config/*.ts has: `const NAME = Schema.Struct({ … })`, fields with `withDefault(SCHEMA, VALUE)` or
 * `Schema.optionalKey(SCHEMA)`, unions of named structs.
 */

export interface SourceField {
  readonly name: string;
  readonly doc: string;
  /** What stands after the colon. */
  readonly expression: string;
}

interface SourceStruct {
  readonly doc: string;
  readonly fields: readonly SourceField[];
}

export interface SchemaSource {
  readonly structs: ReadonlyMap<string, SourceStruct>;
  /** Names of the structs that a union is of. */
  readonly unions: ReadonlyMap<string, { readonly doc: string; readonly members: readonly string[] }>;
}

const DOC = String.raw`(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?`;
const STRUCT = new RegExp(String.raw`${DOC}(?:export )?const (\w+) = Schema\.Struct\(\{`, "g");
const UNION = new RegExp(String.raw`${DOC}(?:export )?const (\w+) = Schema\.Union\(\[([\w, ]+)\]\)`, "g");

export function readSchemas(source: string): SchemaSource {
  const structs = [...source.matchAll(STRUCT)].map(
    ({ 0: match, 1: doc, 2: name, index }) =>
      [name!, { doc: plain(doc), fields: fieldsOf(bodyAt(source, index + match.length)) }] as const,
  );
  const unions = [...source.matchAll(UNION)].map(
    ([, doc, name, members]) => [name!, { doc: plain(doc), members: members!.split(", ") }] as const,
  );
  return { structs: new Map(structs), unions: new Map(unions) };
}

/** The fields of a struct that stands in an expression itself; undefined if none does. */
export function inlineFields(expression: string): readonly SourceField[] | undefined {
  const start = expression.indexOf("Schema.Struct({");
  return start < 0 ? undefined : fieldsOf(bodyAt(expression, start + "Schema.Struct({".length));
}

/** The arguments of a call such as `withDefault(Count, 0)`; undefined for an expression that is no call of this function. */
export function argumentsOf(expression: string, callee: string): readonly string[] | undefined {
  if (!expression.startsWith(`${callee}(`)) return undefined;
  return parts(bodyAt(expression, callee.length + 1)).map((part) => part.trim());
}

function fieldsOf(body: string): SourceField[] {
  return parts(body).map((part) => {
    const [, doc, name, expression] = FIELD.exec(part.trim()) ?? [];
    if (name === undefined) throw new Error(`expected a field with its docstring, came ${JSON.stringify(part)}`);
    return { name, doc: plain(doc), expression: expression! };
  });
}
const FIELD = /^(?:\/\*\*([\s\S]*?)\*\/\s*)?(\w+): ([\s\S]+)$/;

/** From a place just inside a bracket to the one that closes it. */
const bodyAt = (text: string, start: number): string => {
  for (const { at, depth } of brackets(text, start)) if (depth < 0) return text.slice(start, at);
  throw new Error(`a bracket before ${JSON.stringify(text.slice(start, start + 40))} is not closed`);
};

/** Splits at the commas that are in no bracket. */
function parts(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const { at, depth, character } of brackets(text, 0)) {
    if (character !== "," || depth > 0) continue;
    found.push(text.slice(start, at));
    start = at + 1;
  }
  return [...found, text.slice(start)].filter((part) => part.trim() !== "");
}

/** Brackets and commas outside strings, regular expressions and comments, each with the depth behind it. */
function* brackets(text: string, start: number) {
  let depth = 0;
  TOKEN.lastIndex = start;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [character] = match;
    if (character.length > 1) continue;
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    yield { at: match.index, depth, character };
  }
}
const TOKEN =
  /\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|(?<=[(=,:] ?)\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+\/|[()[\]{},]/g;

/** A docstring's text in one line. */
const plain = (doc: string | undefined): string =>
  (doc ?? "")
    .replace(/^\s*\* ?/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
