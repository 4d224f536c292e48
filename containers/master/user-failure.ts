import type { CommandEnd } from "../command.ts";

/** The user's code or data is wrong, and would be wrong again: the phase fails for good. */
export class UserFailure extends Error {
  readonly _tag = "UserFailure";
  override readonly name = "UserFailure";
}

/** What user code threw, as a failure that says whose it is. */
export const thrownBy = (what: string, cause: unknown): UserFailure =>
  cause instanceof UserFailure ? cause : new UserFailure(`${what} threw ${textOf(cause)}`, { cause });

/** Name, message and, for an Error, where it was thrown. */
const textOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? `${cause.name}: ${cause.message}`) : String(cause);

/** A command that failed. None for one that exited with 0. */
export const failureOf = (what: string, { problem }: CommandEnd): UserFailure | undefined =>
  problem === undefined ? undefined : new UserFailure(`${what} ${problem}`);
