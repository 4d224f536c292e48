/** Something that the user can put right: its message is all that is printed, and the exit code is 1. */
export class CliError extends Error {
  override readonly name = "CliError";
}

/** Arguments that do not fit: as CliError, with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
