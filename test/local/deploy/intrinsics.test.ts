import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeployError } from "#local/deploy/deploy-error.ts";
import { NO_VALUE, resolve, type Scope } from "#local/deploy/intrinsics.ts";

const scope: Scope = {
  ref: (name) => (name === "AWS::NoValue" ? NO_VALUE : `ref(${name})`),
  attribute: (logicalId, attribute) => `att(${logicalId}.${attribute})`,
  condition: (name) => name === "Yes",
  imported: (name) => `import(${name})`,
  stackOutput: (stack, output) => `output(${stack}.${output})`,
};

describe("resolve", () => {
  it.each([
    ["Ref", { Ref: "Queue" }, "ref(Queue)"],
    ["Fn::GetAtt of a list", { "Fn::GetAtt": ["Queue", "Arn"] }, "att(Queue.Arn)"],
    ["Fn::GetAtt of a text", { "Fn::GetAtt": "Queue.Arn" }, "att(Queue.Arn)"],
    ["Fn::GetAtt of a nested attribute", { "Fn::GetAtt": ["Db", "Endpoint.Port"] }, "att(Db.Endpoint.Port)"],
    ["Fn::Join", { "Fn::Join": ["-", ["a", { Ref: "B" }, 3]] }, "a-ref(B)-3"],
    ["Fn::Split", { "Fn::Split": ["/", "a/b/c"] }, ["a", "b", "c"]],
    ["Fn::Select", { "Fn::Select": ["1", { "Fn::Split": ["/", "a/b/c"] }] }, "b"],
    ["Fn::ImportValue", { "Fn::ImportValue": { "Fn::Sub": `x-\${Y}` } }, "import(x-ref(Y))"],
    ["Fn::GetStackOutput", { "Fn::GetStackOutput": { StackName: "s", OutputName: "o" } }, "output(s.o)"],
    ["Fn::Sub", { "Fn::Sub": `a \${B} \${C.Arn} \${!D} $E` }, `a ref(B) att(C.Arn) \${D} $E`],
    ["Fn::Sub with variables", { "Fn::Sub": [`\${x}/\${Y}`, { x: { Ref: "Z" } }] }, "ref(Z)/ref(Y)"],
    ["Fn::If", { "Fn::If": ["Yes", { Ref: "A" }, { Ref: "B" }] }, "ref(A)"],
    ["Fn::Equals", { "Fn::Equals": [{ Ref: "A" }, "ref(A)"] }, true],
    ["Fn::And", { "Fn::And": [{ Condition: "Yes" }, { Condition: "No" }] }, false],
    ["Fn::Or", { "Fn::Or": [{ Condition: "No" }, { "Fn::Not": [{ Condition: "No" }] }] }, true],
  ])("works out %s", (_, value, expected) => expect(resolve(value, scope)).toEqual(expected));

  it("leaves out properties and elements of no value", () => {
    const none = { Ref: "AWS::NoValue" };
    expect(resolve({ a: 1, b: none, c: [none, 2], d: { "Fn::If": ["No", 1, none] } }, scope)).toEqual({ a: 1, c: [2] });
  });

  it("refuses a function it does not implement, by name", () => {
    expect(() => resolve({ deep: [{ "Fn::Cidr": ["10.0.0.0/16", 2, 8] }] }, scope)).toThrow(
      /^the intrinsic function Fn::Cidr is not implemented locally \(known: Ref, /,
    );
  });

  it("refuses another region or a role in Fn::GetStackOutput, by name", () => {
    const read = (more: object) =>
      resolve({ "Fn::GetStackOutput": { StackName: "s", OutputName: "o", ...more } }, scope);
    expect(read({ Region: "us-east-1" })).toBe("output(s.o)");
    expect(() => read({ Region: "eu-west-1" })).toThrow(
      "Fn::GetStackOutput: Region eu-west-1: the local region is us-east-1",
    );
    expect(() => read({ RoleArn: "r" })).toThrow("Fn::GetStackOutput: RoleArn is not implemented locally");
  });

  it.each([
    [{ "Fn::Join": ["", "abc"] }, 'Fn::Join: expected a list, came "abc"'],
    [{ "Fn::Join": ["", [{ a: 1 }]] }, 'Fn::Join: expected a string or a number, came {"a":1}'],
    [{ "Fn::Select": [3, ["a"]] }, "Fn::Select: there is no element 3 in a list of 1"],
    [{ "Fn::Not": ["yes"] }, 'a condition must be true or false, came "yes"'],
  ])("says what is wrong with %j", (value, message) => {
    expect(() => resolve(value, scope)).toThrow(DeployError);
    expect(() => resolve(value, scope)).toThrow(message);
  });

  it("leaves every value without an intrinsic function as it is", () => {
    const plain = fc.jsonValue().filter((value) => !JSON.stringify(value).match(/"(Ref|Condition|Fn::)/));
    fc.assert(fc.property(plain, (value) => void expect(resolve(value, scope)).toEqual(value)));
  });

  it("joins again what it has split", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 2 }), fc.string(), (separator, text) => {
        expect(resolve({ "Fn::Join": [separator, { "Fn::Split": [separator, text] }] }, scope)).toBe(text);
      }),
    );
  });
});
