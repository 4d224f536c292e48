import { argumentsOf, inlineFields, type SchemaSource, type SourceField } from "./schema-source.ts";

/** One field as the page has it. */
export interface Setting {
  /** From the top of the config: `applications.NAME.task.timeout`. */
  readonly path: string;
  /** As it is written in a config; undefined where the field is required or simply absent. */
  readonly fallback?: string;
  readonly required: boolean;
  readonly doc: string;
}

/** Fields that belong together, by the path that they all begin with. */
export interface Section {
  readonly path: string;
  /** A field that tells this one of several forms of a section from the others. */
  readonly form?: string;
  readonly doc: string;
  readonly settings: readonly Setting[];
}

const ROOT = "GridConfigSchema";

/** All sections of the config, the top level first. */
export function sectionsOf(source: SchemaSource): Section[] {
  const top = source.structs.get(ROOT);
  if (top === undefined)
    throw new Error(`expected a struct named ${ROOT} among ${[...source.structs.keys()].join(", ")}`);
  const settings = top.fields.map((field) => settingOf(field, ""));
  const sections = top.fields.flatMap((field) => {
    const path = pathOf(field, "");
    return formsOf(field, source).map(({ doc, fields, form }) => ({
      path,
      ...(form !== undefined && { form }),
      doc,
      settings: settingsOf(fields, path, source),
    }));
  });
  return [{ path: "", doc: top.doc, settings }, ...sections];
}

/** Fields one below the other; those of a struct within the struct follow it with their whole path. */
const settingsOf = (fields: readonly SourceField[], path: string, source: SchemaSource): Setting[] =>
  fields.flatMap((field) => {
    const own = settingOf(field, path);
    const within = formsOf(field, source);
    const [first] = within;
    const self = first === undefined ? own : { ...own, doc: own.doc || first.doc };
    return [
      ...(first === undefined || self.doc !== "" ? [self] : []),
      ...within.flatMap((form) => settingsOf(form.fields, pathOf(field, path), source)),
    ];
  });

function settingOf(field: SourceField, path: string): Setting {
  const [, fallback] = argumentsOf(field.expression, "withDefault") ?? [];
  return {
    path: join(path, field.name),
    ...(fallback !== undefined && { fallback: oneLine(fallback) }),
    required: fallback === undefined && !field.expression.startsWith("Schema.optionalKey("),
    doc: field.doc,
  };
}

interface Form {
  readonly doc: string;
  readonly fields: readonly SourceField[];
  readonly form?: string;
}

/** The structs that a field may hold: one as a rule, several where it is a union, none where it holds no struct. */
function formsOf({ expression }: SourceField, source: SchemaSource): Form[] {
  const inline = inlineFields(expression);
  if (inline !== undefined) return [{ doc: "", fields: inline }];
  return [...expression.matchAll(/\b[A-Z]\w+\b/g)].flatMap(([name]) => {
    const struct = source.structs.get(name);
    if (struct !== undefined) return [struct];
    const union = source.unions.get(name);
    return (union?.members ?? []).flatMap((member) => {
      const { fields } = source.structs.get(member) ?? { fields: [] };
      const form = fields.find((field) => settingOf(field, "").required)?.name;
      return [{ doc: union!.doc, fields, ...(form !== undefined && { form }) }];
    });
  });
}

/** Where the fields of what a field holds lie: a record's below any name, an array's in each of its items. */
function pathOf({ name, expression }: SourceField, path: string): string {
  const own = join(path, name);
  if (expression.includes("Schema.Record(Name,")) return `${own}.NAME`;
  return expression.includes("Schema.Array(") ? `${own}[]` : own;
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);
/** A value's source without line breaks, and without the underscores of numbers. */
const oneLine = (text: string) =>
  text
    .replace(/(?<=\d)_(?=\d)/g, "")
    .replace(/\s+/g, " ")
    .replace(/, \]$/, "]")
    .replace(/^\[ /, "[");
