import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fifo } from "#local/queues/fifo.ts";

describe("a fifo", () => {
  it("gives back what came in, in that order, however pushes and shifts are mixed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 12 }), (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        let next = 0;
        for (const step of steps) {
          for (let i = 0; i < step; i++) {
            fifo.push(next);
            model.push(next++);
          }
          for (let i = 0; i > step; i--) expect(fifo.shift()).toBe(model.shift());
          expect([fifo.size, fifo.first]).toEqual([model.length, model[0]]);
        }
      }),
      { numRuns: 50 },
    );
  });
});
