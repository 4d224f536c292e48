/** Why one field of an object was refused, as Kubernetes lists it under `details.causes` of a Status. */
export interface Cause {
  readonly field: string;
  readonly reason: "FieldValueRequired" | "FieldValueInvalid" | "FieldValueNotSupported" | "FieldValueForbidden";
  readonly message: string;
}

export interface FaultDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
}

/** A refusal of the API. Over HTTP it is a Status object with this `code` and `reason`; in process it is thrown as it is. */
export class KubernetesFault extends Error {
  override readonly name = "KubernetesFault";
  readonly code: number;
  readonly reason: string;
  readonly details: FaultDetails;

  constructor(code: number, reason: string, message: string, details: FaultDetails = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export interface Named {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

const qualified = (what: string, group: string) => (group === "" ? what : `${what}.${group}`);
const details = (of: Named, name: string) => ({ name, group: of.group, kind: of.plural });

export const notFound = (of: Named, name: string) =>
  new KubernetesFault(404, "NotFound", `${qualified(of.plural, of.group)} "${name}" not found`, details(of, name));

export const alreadyExists = (of: Named, name: string) =>
  new KubernetesFault(
    409,
    "AlreadyExists",
    `${qualified(of.plural, of.group)} "${name}" already exists`,
    details(of, name),
  );

export const unauthorized = () => new KubernetesFault(401, "Unauthorized", "Unauthorized");

export const badRequest = (message: string) => new KubernetesFault(400, "BadRequest", message);

export const methodNotAllowed = (message: string) => new KubernetesFault(405, "MethodNotAllowed", message);

export const noSuchPath = (path: string) =>
  new KubernetesFault(404, "NotFound", `the local Kubernetes has no resource at ${path}`);

export function invalid(of: Named, name: string, causes: readonly Cause[]): KubernetesFault {
  const list = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const what = list.length === 1 ? list[0] : `[${list.join(", ")}]`;
  const message = `${qualified(of.kind, of.group)} "${name}" is invalid: ${what}`;
  return new KubernetesFault(422, "Invalid", message, { name, group: of.group, kind: of.kind, causes });
}

/** The Status object that answers a refused request. */
export function statusOf(fault: KubernetesFault): object {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: fault.message,
    reason: fault.reason,
    details: fault.details,
    code: fault.code,
  };
}

/** The Status object that answers a finished delete. */
export function successOf(of: Named, name: string, uid: string): object {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: { ...details(of, name), uid } };
}
