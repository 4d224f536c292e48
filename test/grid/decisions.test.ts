import { describe, expect, it } from "vitest";
import { secondsBefore } from "#grid/backoff.ts";
import { chunkSizeOf, maxConcurrencyOf } from "#grid/chunk-size.ts";
import { decodeGrid } from "#grid/config.ts";
import { definitionOf } from "#grid/definition.ts";
import { isTolerated } from "#grid/tolerance.ts";

const application = (fields: object = {}) =>
  definitionOf(decodeGrid({ applications: { a: { task: { handler: "./t.ts" }, ...fields } } }, "test")).applications[
    "a"
  ]!;

describe("chunk size", () => {
  it("is 1,000 tasks while their time is unknown or fills a message", () => {
    expect(chunkSizeOf(application(), undefined)).toBe(1000);
    expect(chunkSizeOf(application(), 0.6)).toBe(1000);
  });

  it("is 4,000 where a message holds two tasks or more", () => {
    expect(chunkSizeOf(application(), 0.5)).toBe(4000);
    expect(chunkSizeOf(application({ pack: { expectedTaskSeconds: 0.1 } }), undefined)).toBe(4000);
  });

  it("believes a measurement before an expectation, and the owner before both", () => {
    expect(chunkSizeOf(application({ pack: { expectedTaskSeconds: 0.1 } }), 2)).toBe(1000);
    expect(chunkSizeOf(application({ chunkSize: 7 }), 0.001)).toBe(7);
  });
});

describe("chunks at a time", () => {
  const pool = { min: 0, max: 1000, slots: 8 };

  it("keep every slot busy twenty times over, between 100 and 10,000", () => {
    expect(maxConcurrencyOf(application(), pool, 1000)).toBe(160);
    expect(maxConcurrencyOf(application(), { ...pool, max: 1 }, 1000)).toBe(100);
    expect(maxConcurrencyOf(application(), pool, 1)).toBe(10_000);
    expect(maxConcurrencyOf(application({ maxConcurrency: 3 }), pool, 1)).toBe(3);
  });
});

describe("backoff", () => {
  const backoff = { initialSeconds: 2, rate: 3, maxSeconds: 30 };

  it("waits longer before each attempt, up to its limit, and not before the first", () => {
    expect([1, 2, 3, 4, 5, 9].map((attempt) => secondsBefore(attempt, backoff))).toEqual([0, 2, 6, 18, 30, 30]);
  });

  it("never waits longer than SQS can delay", () => {
    expect(secondsBefore(20, { ...backoff, maxSeconds: 86_400 })).toBe(900);
  });

  it("waits whole seconds", () => {
    expect(secondsBefore(2, { ...backoff, initialSeconds: 0.2 })).toBe(1);
  });
});

describe("tolerance", () => {
  it("covers failures within either limit", () => {
    expect(isTolerated(0, 0, { count: 0, percentage: 0 })).toBe(true);
    expect(isTolerated(1, 100, { count: 0, percentage: 0 })).toBe(false);
    expect(isTolerated(5, 100, { count: 5, percentage: 0 })).toBe(true);
    expect(isTolerated(5, 100, { count: 0, percentage: 5 })).toBe(true);
    expect(isTolerated(6, 100, { count: 5, percentage: 5 })).toBe(false);
  });
});
