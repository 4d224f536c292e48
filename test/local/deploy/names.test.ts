import fc from "fast-check";
import { expect, it } from "vitest";
import { physicalName } from "#local/deploy/names.ts";

it("a name that fits is stack and logical id", () => {
  expect(physicalName("grid-grid", "LedgerTable9343E4AA", 255)).toBe("grid-grid-LedgerTable9343E4AA");
});

it("no name is longer than the type allows, and two long ones that begin alike differ", () => {
  const long = fc.string({ minLength: 40, maxLength: 60 });
  fc.assert(
    fc.property(fc.string({ minLength: 30 }), long, long, (stack, one, other) => {
      fc.pre(one !== other);
      expect(physicalName(stack, one, 63).length).toBeLessThanOrEqual(63);
      expect(physicalName(stack, one, 63)).not.toBe(physicalName(stack, other, 63));
    }),
  );
});
