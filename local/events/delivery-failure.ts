/** Why a target did not take an event, in the terms of EventBridge's dead-letter queues. */
export interface DeliveryFailure {
  /** One of the codes EventBridge documents for ERROR_CODE. */
  readonly code: "NO_RESOURCE" | "NO_PERMISSIONS" | "INVALID_PARAMETER" | "THROTTLING" | "ERROR_FROM_TARGET";
  readonly message: string;
  /** A missing target, a missing permission or a bad request stays one: only the rest is tried again. */
  readonly retriable: boolean;
}

const CODE_BY_ERROR: readonly (readonly [RegExp, DeliveryFailure["code"]])[] = [
  [/DoesNotExist|NotFound|NonExistentQueue/, "NO_RESOURCE"],
  [/AccessDenied|Unauthorized/, "NO_PERMISSIONS"],
  [/Throttl|TooManyRequests/, "THROTTLING"],
  [/Validation|Invalid|TooLarge|TooLong|LimitExceeded/, "INVALID_PARAMETER"],
];

/** Sorts an error of a target by its name, which is the error code for errors of AWS services. */
export const deliveryFailure = (error: unknown): DeliveryFailure => {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  const code = CODE_BY_ERROR.find(([names]) => names.test(name))?.[1] ?? "ERROR_FROM_TARGET";
  return { code, message: `${name}: ${message}`, retriable: code === "THROTTLING" || code === "ERROR_FROM_TARGET" };
};
