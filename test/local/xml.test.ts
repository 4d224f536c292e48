import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { element, elementsOf, textOf } from "#local/xml.ts";

describe("XML", () => {
  it("reads back any text it writes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (key, other) => {
        const { xml } = element("Object", [element("Key", key), element("Other", other)]);
        expect([textOf(xml, "Key"), textOf(xml, "Other")]).toEqual([key, other]);
      }),
    );
  });

  it("finds each element of a name, whatever its attributes, and entities in all their forms", () => {
    const xml = '<Delete xmlns="x"><Object><Key>a&amp;b</Key></Object><Object><Key>&#x41;&#66;</Key></Object></Delete>';
    expect(elementsOf(xml, "Object").map((each) => textOf(each, "Key"))).toEqual(["a&b", "AB"]);
    expect(textOf(xml, "Quiet")).toBeUndefined();
  });
});
