import { describe, expect, test } from "vitest";
import { Identities } from "#local/real-cluster/identities.ts";

const ROLE = "arn:aws:iam::000000000000:role/grid-job";

describe("a role with an access entry", () => {
  test("is a user of its own, in the entry's groups, whoever the kubeconfig's user is", () => {
    const identities = new Identities({ headers: { authorization: "Bearer admin" } });
    identities.grant({ principalArn: ROLE, groups: ["grid-job-runners"] });
    expect(identities.loginOf(ROLE)).toEqual({
      headers: {
        authorization: "Bearer admin",
        "impersonate-user": "arn:aws:sts::000000000000:assumed-role/grid-job/burstgrid-local",
        "impersonate-group": ["grid-job-runners"],
      },
    });
  });

  test("has the name that the entry gives it", () => {
    const identities = new Identities({ headers: {}, certificate: { cert: "c", key: "k" } });
    identities.grant({ principalArn: ROLE, groups: [], username: "runner" });
    expect(identities.loginOf(ROLE)).toMatchObject({
      headers: { "impersonate-user": "runner", "impersonate-group": [] },
      certificate: { cert: "c", key: "k" },
    });
  });
});

test("a role without an access entry is not let in", () => {
  expect(new Identities({ headers: {} }).loginOf(ROLE)).toBeUndefined();
});
