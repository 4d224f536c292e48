/** Exit codes of a master. The state machine's Job fails at once for `userFailure` (its podFailurePolicy) and is tried again for others. */
export const EXIT = {
  done: 0,
  /** S3, the ledger or Step Functions did not answer as they should. */
  infrastructure: 1,
  /** The user's code or data is wrong (EX_DATAERR of sysexits.h). */
  userFailure: 65,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;
