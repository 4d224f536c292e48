/** A draining worker may finish the task at hand; beyond an hour it hands it back instead. */
const LONGEST_GRACE_SECONDS = 3600;
/** For the last completion and the hand-back, on top of the longest task. */
const GRACE_MARGIN_SECONDS = 30;
/** Of the grace period, for the last sends after the tasks. */
const LAST_SENDS_SECONDS = 5;

/** How long Kubernetes waits between SIGTERM and SIGKILL of a worker whose tasks have these timeouts; all in seconds. */
export const gracePeriodSeconds = (timeoutSeconds: readonly number[]): number =>
  Math.min(LONGEST_GRACE_SECONDS, Math.ceil(Math.max(0, ...timeoutSeconds)) + GRACE_MARGIN_SECONDS);

/** How long a draining worker lets the tasks at hand go on, in seconds. */
export const drainSeconds = (timeoutSeconds: readonly number[]): number =>
  gracePeriodSeconds(timeoutSeconds) - LAST_SENDS_SECONDS;
