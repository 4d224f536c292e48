import { AwsFault } from "../aws-json.ts";
import { MAX_PAYLOAD_BYTES } from "./engine/visit.ts";

/** @throws AwsFault InvalidName unless it has 1 to 80 characters, none of those the API bars. */
export const checkName = (name: string): void => {
  if (/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u.test(name)) return;
  throw new AwsFault(
    "InvalidName",
    `Invalid Name: '${name}': 1 to 80 characters without spaces, brackets or any of ?*"#%\\^|~\`$&,;:/`,
  );
};

/** @throws AwsFault InvalidExecutionInput */
export const checkInput = (input: string): void => {
  const bytes = Buffer.byteLength(input);
  const refuse = (why: string) =>
    new AwsFault("InvalidExecutionInput", `Invalid State Machine Execution Input: '${why}'`);
  if (bytes > MAX_PAYLOAD_BYTES) throw refuse(`${bytes} bytes, at most ${MAX_PAYLOAD_BYTES} are taken`);
  try {
    JSON.parse(input);
  } catch (error) {
    throw refuse((error as Error).message);
  }
};
