import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitString, integer, objectIdentifier, octetString, time } from "#containers/vault/der.ts";

const hex = (encoded: Buffer) => encoded.toString("hex");

describe("distinguished encoding rules", () => {
  it("an object identifier has its numbers in groups of seven bits", () => {
    expect(hex(objectIdentifier("1.2.840.10045.4.3.2"))).toBe("06082a8648ce3d040302");
    expect(hex(objectIdentifier("2.5.29.17"))).toBe("0603551d11");
  });

  it("a length takes one byte up to 127, then as many as it needs and their number", () => {
    const lengthBytes = (length: number) => hex(octetString(Buffer.alloc(length)).subarray(1, -length || undefined));
    expect([0, 127, 128, 255, 256, 65_536].map(lengthBytes)).toEqual([
      "00",
      "7f",
      "8180",
      "81ff",
      "820100",
      "83010000",
    ]);
  });

  it("an integer is what its bytes say, never negative, without leading zeros", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 160n }), fc.nat(3), (value, padding) => {
        const digits = value.toString(16);
        const bytes = Buffer.from(`${"00".repeat(padding)}${digits.length % 2 === 0 ? "" : "0"}${digits}`, "hex");
        const content = integer(bytes).subarray(2);
        expect(BigInt(`0x${hex(content)}`)).toBe(value);
        expect(content[0]! < 0x80).toBe(true);
        expect(content.length === 1 || content[0] !== 0 || content[1]! >= 0x80).toBe(true);
      }),
    );
  });

  it("bits say how many of the last byte do not count", () => {
    expect(hex(bitString(Buffer.from([0b0000_0110]), 1))).toBe("03020106");
  });

  it("a year from 2050 on has four digits", () => {
    expect(time(new Date("2049-12-31T23:59:59.999Z")).toString("latin1")).toBe("\u0017\r491231235959Z");
    expect(time(new Date("2050-01-01T00:00:00Z")).toString("latin1")).toBe("\u0018\u000f20500101000000Z");
  });
});
