import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { grantsOf, principalsOf } from "../../scripts/security/statements.ts";
import { Templates } from "../../scripts/security/templates.ts";
import { SECURITY_PAGE, securityPage, securityTemplates } from "../../scripts/security-page.ts";
import { FIXTURE_SOURCES } from "../stacks/synthesize-fixture.ts";

let templates: Templates;
beforeAll(async () => {
  templates = await securityTemplates(FIXTURE_SOURCES);
});

describe("docs/security.md", () => {
  it("is what scripts/security-page.ts makes of the templates", () => {
    expect(readFileSync(SECURITY_PAGE, "utf8")).toBe(securityPage(templates));
  });

  it("tells of every role, and of nothing by the name that CloudFormation gives it", () => {
    const page = readFileSync(SECURITY_PAGE, "utf8");
    const roles = templates.ofType("AWS::IAM::Role");
    expect(roles.length).toBeGreaterThan(15);
    for (const role of roles) expect(page).toContain(`### ${templates.pathOf(role)}\n`);
    expect(page).not.toMatch(/Fn::|"Ref"/);
  });
});

describe("permissions", () => {
  it("none is for every action on every resource", () => {
    for (const { path, permissions } of principalsOf(templates)) {
      for (const { actions, on } of permissions) {
        if (actions.some((action) => action.includes("*"))) expect(on, `${path}: ${actions}`).not.toContain("*");
      }
    }
  });

  it("none of a resource lets anyone in without a condition", () => {
    for (const grant of grantsOf(templates)) {
      if (grant.principal === "*") expect(grant.only, `${grant.on}: ${grant.actions}`).not.toEqual([]);
    }
  });
});

describe("reading of templates", () => {
  const bucket = {
    Type: "AWS::S3::Bucket",
    Properties: { BucketName: { "Fn::Join": ["-", ["b", { Ref: "AWS::Region" }]] } },
  };
  const role = {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: { Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } } },
    },
  };
  const statement = (Resource: unknown, Effect = "Allow") => ({ Effect, Action: "s3:GetObject", Resource });
  const policy = (Roles: readonly unknown[], Statement: readonly object[]) => ({
    Type: "AWS::IAM::Policy",
    Properties: { Roles, PolicyDocument: { Statement } },
  });
  const output = (OutputName: string) => ({ "Fn::GetStackOutput": { StackName: "low", OutputName } });
  const stack = (
    stackName: string,
    Resources: object,
    Outputs: object = {},
    paths: readonly [string, string][] = [],
  ) => ({
    stackName,
    template: { Resources, Outputs } as Templates["stacks"][number]["template"],
    paths: new Map(paths),
  });

  it("follows another stack's output to the resource, and a policy to a role of another stack", () => {
    const low = stack(
      "low",
      { B: bucket, R: role },
      { Arn: { Value: { "Fn::GetAtt": ["B", "Arn"] } }, Role: { Value: { Ref: "R" } } },
      [["R", "Low/Reader/Resource"]],
    );
    const high = stack("high", {
      P: policy([output("Role")], [statement({ "Fn::Join": ["", [output("Arn"), "/jobs/*"]] })]),
    });
    expect(principalsOf(new Templates([low, high]))).toEqual([
      {
        path: "Low/Reader",
        actsFor: ["lambda.amazonaws.com"],
        managed: [],
        permissions: [{ principal: "Low/Reader", actions: ["s3:GetObject"], on: ["bucket b-REGION/jobs/*"], only: [] }],
      },
    ]);
  });

  it("leaves out what is denied", () => {
    const one = stack("low", { R: role, P: policy([{ Ref: "R" }], [statement("*", "Deny")]) });
    expect(principalsOf(new Templates([one]))[0]?.permissions).toEqual([]);
  });
});
