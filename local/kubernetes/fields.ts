import type { Cause } from "./faults.ts";

export interface IgnoredField {
  readonly field: string;
  readonly reason: string;
}

/** What a check found: fields that must be refused, and fields that are accepted though nothing comes of them. */
export interface Findings {
  readonly causes: Cause[];
  readonly ignored: IgnoredField[];
}

/** What a part of a manifest may look like. A field that no shape names is refused, so nothing is ignored in silence. */
export interface Shape<T> {
  check(value: unknown, path: string, findings: Findings): void;
  /** Carries the type for `Of`; never set. */
  readonly reads?: T;
}

export type Of<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type ObjectOf<R extends Fields, O extends Fields> = { readonly [K in keyof R]: Of<R[K]> } & {
  readonly [K in keyof O]?: Of<O[K]>;
};

const shown = (value: unknown) => JSON.stringify(value) ?? "undefined";
const wrong = (field: string, value: unknown, expected: string): Cause => ({
  field,
  reason: "FieldValueInvalid",
  message: `Invalid value: ${shown(value)}: must be ${expected}`,
});

function typed<T>(fits: (value: unknown) => value is T, expected: string): Shape<T> {
  return {
    check(value, path, { causes }) {
      if (!fits(value)) causes.push(wrong(path, value, expected));
    },
  };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const text = typed((value) => typeof value === "string", "a string");
export const textMap = typed(
  (value): value is Record<string, string> =>
    isRecord(value) && Object.values(value).every((entry) => typeof entry === "string"),
  "an object of strings",
);

export function wholeNumber(minimum = 0): Shape<number> {
  return typed(
    (value): value is number => typeof value === "number" && Number.isInteger(value) && value >= minimum,
    `a whole number of ${minimum} or more`,
  );
}

/** A whole number written as a string, as in the metadata of KEDA's triggers. */
export function digits(minimum: number): Shape<string> {
  return typed(
    (value): value is string => typeof value === "string" && /^\d+$/.test(value) && Number(value) >= minimum,
    `a whole number of ${minimum} or more, in a string`,
  );
}

/** One of `values`; `because` says why no other is served here. */
export function oneOf<const T extends string | number | boolean>(values: readonly T[], because: string): Shape<T> {
  return {
    check(value, path, { causes }) {
      if (values.some((each) => each === value)) return;
      const message = `Unsupported value: ${shown(value)}: supported values: ${values.map(shown).join(", ")} (${because})`;
      causes.push({ field: path, reason: "FieldValueNotSupported", message });
    },
  };
}

/** Any value: the API server writes this field itself, and clients send back what they were shown. */
export const writtenByServer: Shape<unknown> = { check: () => undefined };

/** Any value: the field means something in a cluster and nothing on a laptop, for this reason. */
export function ignored(reason: string): Shape<unknown> {
  return {
    check(_value, path, findings) {
      findings.ignored.push({ field: path, reason });
    },
  };
}

/** A list; `maximum` 1 with the reason why the local Kubernetes takes no more. */
export function list<T>(of: Shape<T>, limits: { minimum?: number; maximum?: number } = {}): Shape<readonly T[]> {
  const { minimum = 0, maximum = Number.POSITIVE_INFINITY } = limits;
  return {
    check(value, path, findings) {
      if (!Array.isArray(value)) return void findings.causes.push(wrong(path, value, "a list"));
      if (value.length < minimum || value.length > maximum) {
        const bounds = maximum === Number.POSITIVE_INFINITY ? `${minimum} or more` : `${minimum} to ${maximum}`;
        const message = `Invalid value: ${value.length} entries: the local Kubernetes takes ${bounds}`;
        findings.causes.push({ field: path, reason: "FieldValueInvalid", message });
      }
      for (const [index, entry] of value.entries()) of.check(entry, `${path}[${index}]`, findings);
    },
  };
}

/** An object with exactly these fields; any other is refused by its path. */
export function object<R extends Fields, O extends Fields>(required: R, optional: O): Shape<ObjectOf<R, O>> {
  return {
    check(value, path, findings) {
      if (!isRecord(value)) return void findings.causes.push(wrong(path, value, "an object"));
      for (const name of Object.keys(required)) {
        if (value[name] === undefined)
          findings.causes.push({ field: join(path, name), reason: "FieldValueRequired", message: "Required value" });
      }
      for (const [name, entry] of Object.entries(value)) {
        if (entry === undefined) continue;
        const shape = own(required, name) ?? own(optional, name);
        if (shape !== undefined) shape.check(entry, join(path, name), findings);
        else findings.causes.push(unknownField(join(path, name)));
      }
    },
  };
}

const own = (fields: Fields, name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined);
const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);
const unknownField = (field: string): Cause => ({
  field,
  reason: "FieldValueNotSupported",
  message: "Unsupported field: the local Kubernetes does not implement it and would not ignore it in silence",
});

/** Checks `value` and returns it typed, or undefined when `findings` got causes to refuse it. */
export function read<T>(shape: Shape<T>, value: unknown, path: string, findings: Findings): T | undefined {
  const before = findings.causes.length;
  shape.check(value, path, findings);
  return findings.causes.length === before ? (value as T) : undefined;
}
