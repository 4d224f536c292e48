import { inspect } from "node:util";

/** JSON lines with the same fields as those of the Lambdas: level, message, timestamp, then what the line is about. */
export interface Logger {
  info(message: string, details?: object): void;
  warn(message: string, details?: object): void;
  error(message: string, details?: object): void;
}

/** A logger whose lines all bear `fields`. An Error among the details is written with its name, message and stack. */
export function jsonLogger(write: (line: string) => void, fields: object = {}): Logger {
  const log =
    (level: string) =>
    (message: string, details: object = {}) => {
      const line = { level, message, timestamp: new Date().toISOString(), ...fields };
      write(`${jsonOf({ ...line, ...details }) ?? jsonOf({ ...line, details: inspect(details) })}\n`);
    };
  return { info: log("INFO"), warn: log("WARN"), error: log("ERROR") };
}

/** None for what JSON cannot hold: a user's details may be anything. */
function jsonOf(line: object): string | undefined {
  try {
    return JSON.stringify(line, (_, value: unknown) => (value instanceof Error ? errorFields(value) : value));
  } catch {
    return undefined;
  }
}

const errorFields = ({ name, message, stack }: Error) => ({ name, message, stack });

export const stdoutLine = (line: string): void => void process.stdout.write(line);
