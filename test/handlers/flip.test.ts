import { Effect, Layer, Logger, Option } from "effect";
import fc, { type Scheduler } from "fast-check";
import { describe, expect, it } from "vitest";
import { AwsError } from "#grid/aws.ts";
import { GridBus } from "#grid/bus.ts";
import { Definition } from "#grid/definition-file.ts";
import type { ChunkRecord } from "#grid/ledger/chunk-record.ts";
import { Ledger } from "#grid/ledger.ts";
import { addOutcomes, countOutcomes, finalFailures, NO_OUTCOMES, type Outcomes } from "#grid/outcomes.ts";
import { ResultStore } from "#grid/result-store.ts";
import { StepFunctions } from "#grid/step-functions.ts";
import { collectCompletions } from "#handlers/collect/collect-completions.ts";
import { definition } from "./definition.ts";
import { section } from "./job.ts";
import { jobRecord } from "./parts.ts";

/** What a call of a service meets: nothing, an error before it took effect, or an answer that is lost after it did. */
type Fault = "none" | "before" | "after";

/**
 * One chunk of `count` tasks in a ledger that does what the conditional writes of grid/ledger/chunks.ts say, each at a moment that the
 * scheduler picks; and the state that waits for it.
 */
class Model {
  record: ChunkRecord;
  fills = 0;
  successes: unknown[] = [];
  live = { succeeded: 0, failed: 0 };
  readonly #scheduler: Scheduler;
  readonly #faults: Fault[];

  constructor(count: number, scheduler: Scheduler, faults: readonly Fault[]) {
    this.#scheduler = scheduler;
    this.#faults = [...faults];
    this.record = {
      jobId: "job",
      chunk: { chunk: "0", first: 0, count, start: 0, end: count },
      state: "open",
      token: "token",
      epoch: 0,
      lane: "bulk",
      outcomes: NO_OUTCOMES,
      counts: undefined,
      refs: [],
      sentAt: undefined,
      sends: 1,
    };
  }

  #call<A>(operation: string, act: () => A): Effect.Effect<A, AwsError> {
    return Effect.tryPromise({
      try: async () => {
        await this.#scheduler.schedule(Promise.resolve(), operation);
        const fault = this.#faults.shift() ?? "none";
        if (fault === "before") throw new Error("not done");
        const result = act();
        if (fault === "after") throw new Error("done, but nobody heard");
        return result;
      },
      catch: (cause) => new AwsError({ operation, code: "Fault", detail: String(cause), cause }),
    });
  }

  get layer() {
    const ledger = Layer.mock(Ledger, {
      addOutcomes: (_job, _chunk, outcomes) =>
        this.#call("add", () => {
          const before = this.record;
          if (before.state === "open") this.record = { ...before, outcomes: addOutcomes(before.outcomes, outcomes) };
          return Option.some(before);
        }),
      fillChunk: (_job, _chunk, outcomes) =>
        this.#call("fill", () => {
          const { state, outcomes: present } = this.record;
          const isSame = present.ok.size === outcomes.ok.size && present.failed.size === outcomes.failed.size;
          if (state !== "open" || !isSame) return Option.none();
          this.fills++;
          this.record = {
            ...this.record,
            state: "full",
            counts: countOutcomes(outcomes),
            outcomes: { ok: new Set(), failed: finalFailures(outcomes) },
          };
          return Option.some(this.record);
        }),
      closeChunk: (_job, _chunk, token) =>
        this.#call("close", () => {
          if (this.record.state === "full" && this.record.token === token) {
            this.record = { ...this.record, state: "closed" };
          }
        }),
      getChunk: () => this.#call("get", () => Option.some(this.record)),
      addProgress: (_job, { succeeded, failed }) =>
        this.#call("progress", () => {
          this.live = { succeeded: this.live.succeeded + succeeded, failed: this.live.failed + failed };
          return jobRecord({ state: "SUCCEEDED" });
        }),
    });
    return Layer.mergeAll(
      ledger,
      Layer.mock(ResultStore, {
        putSegment: () => this.#call("segment", () => undefined),
        rows: () => {
          throw new Error("Collect reads no rows");
        },
      }),
      Layer.mock(StepFunctions, {
        sendTaskSuccess: (_token, output) =>
          this.#call("success", () => {
            this.successes.push(output);
            return this.successes.length === 1 ? "taken" : "gone";
          }),
      }),
      Layer.mock(GridBus, {}),
      Layer.succeed(Definition, definition),
      Logger.layer([]),
    );
  }
}

interface Message {
  readonly messageId: string;
  readonly body: string;
}

/** Collects a batch, and again what failed of it, as SQS delivers it. */
const deliver = async (layer: Model["layer"], batch: readonly Message[]): Promise<void> => {
  const failed = await Effect.runPromise(collectCompletions(batch).pipe(Effect.provide(layer)));
  const again = batch.filter(({ messageId }) => failed.includes(messageId));
  if (again.length > 0) await deliver(layer, again);
};

/** Completions that together give every task of `count` an outcome, some more than one, some twice; cut into batches. */
const deliveries = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const task = fc.nat(count - 1);
  const completion = fc.record({ ok: fc.uniqueArray(task), failed: fc.uniqueArray(task) });
  return fc
    .record({
      some: fc.array(completion, { maxLength: 6 }),
      fates: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
      batchSize: fc.integer({ min: 1, max: 4 }),
      order: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
    })
    .map(({ some, fates, batchSize, order }) => {
      const last = fates.map((isOk, n) => (isOk ? { ok: [n], failed: [] } : { ok: [], failed: [n] }));
      const completions = [...some, ...last].map((one, n) => ({ one, at: order[n % order.length]! }));
      const sorted = completions.sort((a, b) => a.at - b.at).map(({ one }) => one);
      const outcomes = sorted.reduce<Outcomes>(
        (sum, { ok, failed }) => addOutcomes(sum, { ok: new Set(ok), failed: new Set(failed) }),
        NO_OUTCOMES,
      );
      const messages = sorted.map(
        ({ ok, failed }, n): Message => ({
          messageId: `m${n}`,
          body: section("job", "0", ascending(ok), ascending(failed)),
        }),
      );
      const batches: Message[][] = [];
      for (let from = 0; from < messages.length; from += batchSize)
        batches.push(messages.slice(from, from + batchSize));
      return { count, batches, outcomes };
    });
});

const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

describe("the flip of a chunk from open to full", () => {
  it("happens exactly once, with exact counts, under any order, repetition and interleaving of completions", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, fc.scheduler(), async ({ count, batches, outcomes }, scheduler) => {
        const model = new Model(count, scheduler, []);
        await scheduler.waitFor(Promise.all(batches.map((batch) => deliver(model.layer, batch))));
        // Completions that come after the flip are dropped, so a task counts as it stood then.
        const { succeeded, failed } = model.record.counts!;
        expect(model.fills).toBe(1);
        expect(succeeded + failed).toBe(count);
        expect(succeeded).toBeLessThanOrEqual(outcomes.ok.size);
        expect(failed).toBe(model.record.outcomes.failed.size);
        expect(model.live).toEqual({ succeeded, failed });
        expect(model.successes[0]).toEqual({ chunk: "0", succeeded, failed });
        expect(model.record.state).toBe("closed");
      }),
      { numRuns: 200 },
    );
  });

  it("leaves nothing stuck when calls fail or their answers are lost at any step", async () => {
    const faults = fc.array(fc.constantFrom<Fault>("none", "none", "before", "after"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(deliveries, faults, fc.scheduler(), async ({ count, batches }, broken, scheduler) => {
        const model = new Model(count, scheduler, broken);
        await scheduler.waitFor(Promise.all(batches.map((batch) => deliver(model.layer, batch))));
        const { succeeded, failed } = model.record.counts!;
        expect(model.fills).toBe(1);
        expect(succeeded + failed).toBe(count);
        expect(model.successes[0]).toEqual({ chunk: "0", succeeded, failed });
        expect(["full", "closed"]).toContain(model.record.state);
      }),
      { numRuns: 200 },
    );
  });
});
