import { vi } from "vitest";
import { main } from "#cli/main.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process; what it set in the environment is put back. */
export async function run(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env };
  const captured = { stdout: "", stderr: "" };
  const capture = (stream: "stdout" | "stderr") =>
    vi.spyOn(process[stream], "write").mockImplementation((piece) => {
      captured[stream] += piece.toString();
      return true;
    });
  const spies = [capture("stdout"), capture("stderr")];
  try {
    return { code: await main(args), ...captured };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.env = env;
  }
}
