import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EvaluationFailure } from "#local/states/failure.ts";
import type { Json } from "#local/states/json.ts";
import { evaluateTemplate } from "#local/states/language/expression.ts";

const evaluate = (template: Json, input: Json = null, variables: Record<string, Json> = {}) =>
  evaluateTemplate(template, { states: { input, context: {} }, variables }, "Output");

describe("evaluation", () => {
  it("gives JSON, without JSONata's own marks on arrays", async () => {
    const result = (await evaluate("{% $states.input.a[$ > 1] %}", { a: [1, 2, 3] })) as Json[];
    expect(result).toEqual([2, 3]);
    expect(Object.getOwnPropertyNames(result)).toEqual(["0", "1", "length"]);
  });

  it("shares nothing between result and input", async () => {
    const input = { a: { b: [1] } };
    const result = (await evaluate("{% $states.input.a %}", input)) as { b: number[] };
    result.b.push(2);
    expect(input).toEqual({ a: { b: [1] } });
  });

  it("changes no input, whatever is done with it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (list) => {
        const input = JSON.parse(JSON.stringify({ list })) as { list: Json[] };
        const template = "{% [$states.input.list[], $reverse($states.input.list), $append($states.input.list, 1)] %}";
        await evaluate(template, input);
        expect(JSON.stringify(input)).toBe(JSON.stringify({ list }));
      }),
    );
  });

  it("leaves templates without expressions as they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
        const template = JSON.parse(JSON.stringify(value)) as Json;
        expect(await evaluate(template)).toEqual(template);
      }),
    );
  });

  it.each([
    ["{% $nothing %}", "returned nothing (undefined)"],
    ["{% foo.bar %}", "returned nothing (undefined)"],
    ["{% $number('x') %}", "threw an error during evaluation. D3030"],
    ["{% function($x) { $x } %}", "returned an unexpected result type: function"],
    ["{% $sum %}", "returned an unexpected result type: function"],
    ["{% ($f := function($n) { $f($n + 1) + 1 }; $f(1)) %}", "threw an error during evaluation. D1011"],
  ])("of %s fails: %s", async (expression, why) => {
    const failed = evaluate({ a: [expression] });
    await expect(failed).rejects.toThrow(EvaluationFailure);
    await expect(failed).rejects.toMatchObject({
      error: "States.QueryEvaluationError",
      location: "Output/a[0]",
      reason: expect.stringContaining(why),
    });
  });
});

describe("the functions of Step Functions", () => {
  it.each<[string, Json]>([
    ["$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]],
    ["$partition([], 2)", []],
    ["$range(1, 10, 4)", [1, 5, 9]],
    ["$range(5, 1, -2)", [5, 3, 1]],
    ["$hash('abc', 'SHA-256')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["$hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"],
    ["$parse('{\"a\":[1]}').a[0]", 1],
    ["$random(7) = $random(7)", true],
    ["$random() < 1", true],
    ["$match($uuid(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) != null", true],
  ])("%s", async (expression, expected) => {
    expect(await evaluate(`{% ${expression} %}`)).toEqual(expected);
  });

  it.each([
    ["$hash('abc', 'CRC')", 'unknown algorithm "CRC"'],
    ["$partition([1], 0)", "from 1 up, came 0"],
    ["$range(1, 100000, 1)", "at most 1000"],
    ["$parse('{')", "JSON"],
  ])("%s fails saying why", async (expression, why) => {
    await expect(evaluate(`{% ${expression} %}`)).rejects.toThrow(why);
  });
});
