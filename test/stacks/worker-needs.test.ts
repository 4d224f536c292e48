import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeGrid } from "#grid/config.ts";
import { largestQuantity, quantityValue } from "#stacks/kubernetes/quantity.ts";
import { gracePeriodOf } from "#stacks/kubernetes/worker-needs.ts";

describe("Kubernetes quantities", () => {
  it.each([
    ["500m", 0.5],
    ["2", 2],
    ["1.5", 1.5],
    ["2Gi", 2_147_483_648],
    ["2G", 2_000_000_000],
    ["1e3", 1000],
    ["128Ki", 131_072],
  ])("%s is %d", (text, value) => expect(quantityValue(text)).toBe(value));

  it.each(["", "Gi", "2 Gi", "-1", "2gb", "two"])("%j is refused by name", (text) =>
    expect(() => quantityValue(text)).toThrow(`"${text}" is not a Kubernetes quantity`),
  );

  it("the largest of some is one of them, and none is larger", () => {
    const quantity = fc
      .tuple(fc.nat(5000), fc.constantFrom("m", "", "k", "Ki", "M", "Mi", "G", "Gi"))
      .map(([number, suffix]) => `${number}${suffix}`);
    fc.assert(
      fc.property(fc.array(quantity, { minLength: 1 }), (quantities) => {
        const largest = largestQuantity(quantities)!;
        expect(quantities).toContain(largest);
        for (const other of quantities) expect(quantityValue(largest)).toBeGreaterThanOrEqual(quantityValue(other));
      }),
    );
  });
});

describe("the time a worker gets to drain", () => {
  const applications = (...timeouts: string[]) =>
    Object.values(
      decodeGrid(
        {
          applications: Object.fromEntries(
            timeouts.map((timeout, at) => [`a${at}`, { task: { command: ["x"], timeout } }]),
          ),
        },
        "test",
      ).applications,
    );

  it("is the longest task's timeout and 30 s", () => {
    expect(gracePeriodOf(applications("10 seconds", "4 minutes"))).toBe(270);
  });

  it("is never more than an hour", () => {
    expect(gracePeriodOf(applications("2 days"))).toBe(3600);
  });

  it("is 30 s for a pool that nobody uses", () => {
    expect(gracePeriodOf([])).toBe(30);
  });
});
