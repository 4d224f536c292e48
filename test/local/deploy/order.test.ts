import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inOrder, referencesIn, resourceOrder } from "#local/deploy/order.ts";

describe("inOrder", () => {
  it("puts each thing after all that it needs, and loses none", () => {
    // Each thing may need some of those with a smaller number, so that there is no cycle; they come in any order.
    const graphs = fc
      .integer({ min: 1, max: 12 })
      .chain((size) =>
        fc.tuple(
          fc.tuple(
            ...Array.from({ length: size }, (_, at) => fc.subarray(Array.from({ length: at }, (_, id) => `${id}`))),
          ),
          fc.shuffledSubarray(
            Array.from({ length: size }, (_, at) => `${at}`),
            { minLength: size },
          ),
        ),
      )
      .map(([needs, order]) => new Map(order.map((name) => [name, needs[Number(name)]!])));
    fc.assert(
      fc.property(graphs, (graph) => {
        const ordered = inOrder(graph);
        expect(ordered.toSorted()).toEqual([...graph.keys()].toSorted());
        for (const [name, needs] of graph) {
          for (const needed of needs) expect(ordered.indexOf(needed)).toBeLessThan(ordered.indexOf(name));
        }
      }),
    );
  });

  it("keeps the given order where nothing is needed", () => {
    expect(
      inOrder(
        new Map([
          ["c", []],
          ["a", []],
          ["b", []],
        ]),
      ),
    ).toEqual(["c", "a", "b"]);
  });

  it("names the members of a cycle", () => {
    const cycle = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);
    expect(() => inOrder(cycle)).toThrow("these need each other: b → c → b");
  });
});

describe("resourceOrder", () => {
  it("follows references and DependsOn", () => {
    const order = resourceOrder({
      Mapping: { Type: "M", DependsOn: ["Function"], Properties: { Queue: { "Fn::GetAtt": ["Queue", "Arn"] } } },
      Function: { Type: "F", Properties: { Role: { "Fn::Join": ["", [{ Ref: "Role" }]] } }, DependsOn: "Policy" },
      Policy: { Type: "P" },
      Queue: { Type: "Q", Properties: { Name: { "Fn::Sub": `x-\${Bus.Name}` } } },
      Bus: { Type: "B" },
      Role: { Type: "R" },
    });
    expect(order).toEqual(["Policy", "Role", "Function", "Bus", "Queue", "Mapping"]);
  });
});

describe("referencesIn", () => {
  it("finds names at any depth, but not the literals and own variables of Fn::Sub", () => {
    const value = [
      { a: { Ref: "A" } },
      { "Fn::Sub": [`\${B} \${c} \${!D} \${E.Arn}`, { c: { "Fn::GetAtt": "F.Arn" } }] },
    ];
    expect([...referencesIn(value)].toSorted()).toEqual(["A", "B", "E", "F"]);
  });
});
