import { createWriteStream } from "node:fs";
import { join } from "node:path";
import type { Invocation } from "./invocation.ts";

/** The log file of one function, `<folder>/<name>.log`: what its threads print, and a JSON line per failed event. */
export interface FunctionLog {
  write(text: string | Uint8Array): void;
  /** Adds the line that Lambda's runtime would log for a failed event. */
  failure(requestId: string, failure: Extract<Invocation, { ok: false }>): void;
  /** Resolves when everything written is in the file. */
  close(): Promise<void>;
}

/**
 * Appends to the log file of a function.
 * @param warn told when the file cannot be written; the function runs on without its log.
 */
export const openFunctionLog = (folder: string, name: string, warn: (message: string) => void): FunctionLog => {
  const path = join(folder, `${name}.log`);
  const file = createWriteStream(path, { flags: "a" });
  file.on("error", (error) => warn(`function ${name}: its log ${path} cannot be written: ${error.message}`));
  return {
    write: (text) => void file.write(text),
    failure: (requestId, { errorType, errorMessage, trace }) => {
      const message = { errorType, errorMessage, stackTrace: trace ?? [] };
      file.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level: "ERROR", requestId, message })}\n`);
    },
    close: () => new Promise((resolve) => file.end(() => resolve())),
  };
};
