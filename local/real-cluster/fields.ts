/** A Kubernetes object, as far as every kind is the same. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object below a field; an empty one where there is none. */
export const below = (fields: Fields, field: string): Fields => {
  const value = fields[field];
  return isFields(value) ? value : {};
};

export const listBelow = (fields: Fields, field: string): readonly Fields[] => {
  const value = fields[field];
  return Array.isArray(value) ? value.filter(isFields) : [];
};

/** @throws Error when it lacks what every object has. */
export function manifestOf(value: unknown): Manifest {
  if (isFields(value) && typeof value["apiVersion"] === "string" && typeof value["kind"] === "string") {
    if (typeof below(value, "metadata")["name"] === "string") return value as unknown as Manifest;
  }
  throw new Error(
    `expected a Kubernetes object with apiVersion, kind and metadata.name, came ${JSON.stringify(value)}`,
  );
}

/** For messages: `Deployment grid/grid-worker-general`. */
export const nameOf = ({ kind, metadata: { namespace, name } }: Manifest): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
