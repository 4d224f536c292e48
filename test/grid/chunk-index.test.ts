import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isConsistent, parseChunkId } from "#grid/chunk.ts";
import { ChunkIndex } from "#grid/chunk-index.ts";

const chunksOf = (lineBytes: readonly number[], size: number) => {
  const index = new ChunkIndex(size);
  const chunks = [...lineBytes.map((bytes) => index.add(bytes)), index.end()].filter((chunk) => chunk !== undefined);
  return { chunks, index };
};

describe("a chunk index", () => {
  it("covers every task and every byte once, in order, and no chunk is larger than it may be", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 100 })), fc.integer({ min: 1, max: 20 }), (lines, size) => {
        const { chunks, index } = chunksOf(lines, size);
        let task = 0;
        let byte = 0;
        for (const [number, chunk] of chunks.entries()) {
          expect(parseChunkId(chunk.chunk)).toEqual({ number, round: 0 });
          expect(chunk).toMatchObject({ first: task, start: byte });
          expect(isConsistent(chunk)).toBe(true);
          expect(chunk.count).toBeLessThanOrEqual(size);
          byte += lines.slice(task, task + chunk.count).reduce((sum, bytes) => sum + bytes, 0);
          task += chunk.count;
          expect(chunk.end).toBe(byte);
        }
        expect(task).toBe(lines.length);
        expect(index).toMatchObject({ chunks: chunks.length, tasks: lines.length });
      }),
    );
  });

  it("closes a chunk before 64 MiB, so that it fits in Dispatch's memory", () => {
    const mebibyte = 1024 * 1024;
    const { chunks } = chunksOf(
      Array.from({ length: 100 }, () => mebibyte),
      1000,
    );
    expect(chunks.map(({ count }) => count)).toEqual([64, 36]);
  });
});
