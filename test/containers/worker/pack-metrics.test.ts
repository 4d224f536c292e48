import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PackMetrics } from "#containers/worker/pack-metrics.ts";

const lines: Record<string, unknown>[] = [];
const metrics = () =>
  new PackMetrics({
    grid: "g",
    pool: "p",
    write: (line) => {
      const { _aws, ...values } = JSON.parse(line);
      lines.push(values);
    },
  });

beforeEach(() => {
  vi.useFakeTimers();
  lines.length = 0;
});
afterEach(() => void vi.useRealTimers());

const pack = { application: "a", waitMs: 5, attempts: 10, runMs: 200 };

describe("figures of packs", () => {
  it("are written once a minute, one line an application, however many packs and tasks there were", () => {
    const gathered = metrics();
    gathered.add(pack);
    gathered.add({ ...pack, waitMs: 7, attempts: 1, runMs: 90 });
    gathered.add({ ...pack, application: "b" });
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(lines).toEqual([
      { grid: "g", application: "a", pool: "p", QueueWait: [5, 7], RunTime: [20, 90], Attempts: 11 },
      { grid: "g", application: "b", pool: "p", QueueWait: 5, RunTime: 20, Attempts: 10 },
    ]);
  });

  it("are written once each", () => {
    const gathered = metrics();
    gathered.add(pack);
    gathered.flush();
    gathered.flush();
    vi.advanceTimersByTime(120_000);
    expect(lines).toHaveLength(1);
  });

  it("have no wait for packs that waited on purpose, and no run time where no task came to an end", () => {
    const gathered = metrics();
    gathered.add({ ...pack, waitMs: undefined });
    gathered.add({ ...pack, application: "b", attempts: 0 });
    gathered.flush();
    expect(lines).toEqual([
      { grid: "g", application: "a", pool: "p", RunTime: 20, Attempts: 10 },
      { grid: "g", application: "b", pool: "p", QueueWait: 5, Attempts: 0 },
    ]);
  });
});
