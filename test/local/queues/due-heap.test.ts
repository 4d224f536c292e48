import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Due, DueHeap } from "#local/queues/due-heap.ts";

const step = fc.oneof(fc.record({ add: fc.integer({ min: 0, max: 50 }) }), fc.record({ remove: fc.nat() }));

describe("a heap of due times", () => {
  it("always has the element that falls due first at its head, whatever was added and removed", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new DueHeap<Due>();
        const model: Due[] = [];
        for (const each of steps) {
          if ("add" in each) {
            const item = { dueAt: each.add, heapIndex: 0 };
            heap.add(item);
            model.push(item);
          } else if (model.length > 0) {
            const [item] = model.splice(each.remove % model.length, 1);
            heap.remove(item!);
          }
          const least = model.length === 0 ? undefined : Math.min(...model.map(({ dueAt }) => dueAt));
          expect([heap.size, heap.first?.dueAt]).toEqual([model.length, least]);
        }
      }),
    );
  });
});
