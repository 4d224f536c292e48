import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item of the table as the SDK has it. */
export type Item = Record<string, AttributeValue>;

/** A JSON value as a DynamoDB attribute. `undefined` fields of objects are left out. */
export function toAttribute(value: unknown): AttributeValue {
  if (value === null) return { NULL: true };
  switch (typeof value) {
    case "string":
      return { S: value };
    case "number":
      return { N: String(value) };
    case "boolean":
      return { BOOL: value };
    case "object":
      return Array.isArray(value) ? { L: value.map(toAttribute) } : { M: toItem(value as Record<string, unknown>) };
    default:
      throw new TypeError(`a ${typeof value} cannot be stored in the ledger`);
  }
}

export function toItem(fields: Readonly<Record<string, unknown>>): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) item[name] = toAttribute(value);
  return item;
}

/** The JSON value of an attribute; sets become arrays. */
function fromAttribute(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.M !== undefined) return fromItem(attribute.M);
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  if (attribute.NS !== undefined) return attribute.NS.map(Number);
  if (attribute.BS !== undefined) return attribute.BS;
  if (attribute.NULL === true) return null;
  throw new TypeError(`the ledger holds an attribute of an unknown kind: ${Object.keys(attribute).join(", ")}`);
}

export const fromItem = (item: Item): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, fromAttribute(attribute)]));
