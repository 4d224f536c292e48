import { expect, test } from "vitest";
import { duration, rounded, table } from "#cli/text.ts";

test.each([
  [0, "0.0 s"],
  [0.84, "0.8 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.6, "1 min 00 s"],
  [185, "3 min 05 s"],
  [3599.7, "1 h 00 min"],
  [7620, "2 h 07 min"],
  [360_000, "100 h 00 min"],
])("%f seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [0.04, "0"],
  [3.44, "3.4"],
  [9.96, "10"],
  [1250.4, "1,250"],
])("%f is rounded to %s", (n, text) => {
  expect(rounded(n)).toBe(text);
});

test("a table's columns are as wide as their widest cell, without blanks at the end", () => {
  expect(
    table([
      ["A", "B", ""],
      ["long", "", "x"],
      ["s", "b", ""],
    ]),
  ).toBe("A     B\nlong     x\ns     b\n");
  expect(table([])).toBe("");
});
