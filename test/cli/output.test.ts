import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { writeBytes, writeLines } from "#cli/output.ts";

/** A stream that a test reads, as a command's stdout. */
const stdout = (options: { isTTY?: boolean } = {}) =>
  Object.assign(new PassThrough(), options) as unknown as NodeJS.WriteStream & PassThrough;

async function* numbers(count: number, made: { count: number }): AsyncGenerator<string> {
  for (let n = 0; n < count; n++) {
    made.count += 1;
    yield String(n);
  }
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of texts) yield Buffer.from(piece);
}

test("lines are written in their order, each with a newline", async () => {
  const out = stdout();
  const read = text(out);
  await writeLines(numbers(30_000, { count: 0 }), out);
  out.end();
  expect(await read).toBe(Array.from({ length: 30_000 }, (_, n) => `${n}\n`).join(""));
});

test("lines are made no faster than they are read", async () => {
  const out = stdout();
  const made = { count: 0 };
  const writing = writeLines(numbers(1_000_000, made), out);
  await once(out, "readable");
  await expect.poll(() => made.count).toBeGreaterThan(0);
  const before = made.count;
  await new Promise((done) => setImmediate(done));
  expect(made.count).toBe(before);
  expect(before).toBeLessThan(100_000);
  out.resume();
  await writing;
  expect(made.count).toBe(1_000_000);
});

test.each([
  ["a terminal gets a newline at the end", true, ["{}", ""], "{}\n"],
  ["a terminal gets no second one", true, ["{}\n"], "{}\n"],
  ["a pipe gets the bytes as they are", false, ["{", "}"], "{}"],
])("%s", async (_, isTTY, given, expected) => {
  const out = stdout({ isTTY });
  const read = text(out);
  await writeBytes(pieces(...given), out);
  out.end();
  expect(await read).toBe(expected);
});

test("a reader that closes the pipe ends the command quietly, with exit code 0", async () => {
  const fixture = resolve(import.meta.dirname, "fixtures/write-for-ever.ts");
  const writer = spawn(process.execPath, [fixture], { stdio: ["ignore", "pipe", "pipe"] });
  await once(writer.stdout, "data");
  writer.stdout.destroy();
  const stderr = text(writer.stderr);
  expect(await once(writer, "exit")).toEqual([0, null]);
  expect(await stderr).toBe("");
});

test("a process with more to do outlives its closed pipes", async () => {
  const fixture = resolve(import.meta.dirname, "fixtures/outlive-pipes.ts");
  const writer = spawn(process.execPath, [fixture], { stdio: ["ignore", "pipe", "pipe"] });
  await once(writer.stdout, "data");
  writer.stdout.destroy();
  writer.stderr.destroy();
  expect(await once(writer, "exit")).toEqual([42, null]);
});
