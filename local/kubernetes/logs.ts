import { open } from "node:fs/promises";

const BLOCK = 64 * 1024;
const NEWLINE = 10;

export interface LogPart {
  /** Only the last lines. */
  readonly tailLines?: number;
  /** Only the first bytes of what is left. */
  readonly limitBytes?: number;
}

/** Reads a pod's log, from the end of the file where only its last lines are asked for. */
export async function readLog(path: string, { tailLines, limitBytes }: LogPart): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const start = tailLines === undefined ? 0 : await startOfTail(file, size, tailLines);
    const buffer = Buffer.alloc(Math.min(size - start, limitBytes ?? Number.POSITIVE_INFINITY));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Where the last `lines` lines begin; a newline at the very end of the file ends its last line. */
async function startOfTail(file: Awaited<ReturnType<typeof open>>, size: number, lines: number): Promise<number> {
  if (lines === 0) return size;
  let newlines = 0;
  for (let end = size; end > 0; end -= BLOCK) {
    const block = Buffer.alloc(Math.min(BLOCK, end));
    const start = end - block.length;
    await file.read(block, 0, block.length, start);
    for (let at = block.length - 1; at >= 0; at--) {
      if (block[at] !== NEWLINE || start + at === size - 1) continue;
      newlines += 1;
      if (newlines === lines) return start + at + 1;
    }
  }
  return 0;
}
