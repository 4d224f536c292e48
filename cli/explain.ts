import { EXIT, UsageError } from "./errors.ts";

/** Errors of the language itself: a mistake of ours, and worth a stack. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

/** What an error that ended a command should say, and its exit code. */
export function explain(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.failed };
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT.usage };
  if (BUGS.some((kind) => error instanceof kind))
    return { message: error.stack ?? error.message, exitCode: EXIT.failed };
  return { message: `${error.message || error.name}${hintFor(error)}`, exitCode: EXIT.failed };
}

/** What to do about errors of the SDK that every command may meet. */
function hintFor(error: Error): string {
  const names = causesOf(error).flatMap((cause) => [cause.name, (cause as NodeJS.ErrnoException).code]);
  if (names.includes("CredentialsProviderError")) {
    return ": set AWS credentials, or start a local grid in this folder with `burstgrid up`";
  }
  return names.includes("ECONNREFUSED") ? ": nothing listens there; is the grid up?" : "";
}

function causesOf(error: Error): Error[] {
  const causes = [error];
  for (let cause = error.cause; cause instanceof Error && causes.length < 10; cause = cause.cause) causes.push(cause);
  return causes;
}
