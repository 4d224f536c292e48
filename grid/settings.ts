import { Config } from "effect";
import { ENV } from "./names.ts";

/** What processes are told by their environment; each decodes those it needs once, at its start. */
export const settings = {
  grid: Config.NonEmptyString(ENV.grid),
  ledger: Config.NonEmptyString(ENV.ledger),
  bucket: Config.NonEmptyString(ENV.bucket),
  bus: Config.NonEmptyString(ENV.bus),
  /** Set by Lambda: the folder of the function's code. */
  codeFolder: Config.NonEmptyString("LAMBDA_TASK_ROOT"),
} as const;
