import { describe, expect, it } from "vitest";
import { firstStep } from "#containers/vault/first-step.ts";

const KEYS = { recoveryKeys: ["a", "b"] };
const INITIALISING = { state: "initialising" } as const;
const INITIALISED = { state: "initialised", ...KEYS, rootToken: "root" } as const;
const COMPLETE = { state: "complete", ...KEYS } as const;

describe("how a run of the bootstrap begins", () => {
  it.each([
    ["there is no record", undefined],
    ["a run ended before Vault was asked", INITIALISING],
  ])("a new Vault is initialised when %s", (_, record) => {
    expect(firstStep(false, record)).toEqual({ step: "initialise" });
  });

  it("an initialised Vault whose set-up was cut short is gone on with", () => {
    expect(firstStep(true, INITIALISED)).toMatchObject({ step: "resume", ...KEYS, rootToken: "root" });
  });

  it.each([
    ["was completed", COMPLETE],
    ["was moved elsewhere", undefined],
  ])("an initialised Vault is logged in to when the record %s", (_, record) => {
    expect(firstStep(true, record)).toEqual({ step: "log in" });
  });

  it.each([INITIALISED, COMPLETE])(
    "Vault is never initialised twice: a server that has not joined waits ($state)",
    (record) => {
      expect(() => firstStep(false, record)).toThrow("expected it to join the others");
    },
  );

  it("keys that were never written down are told, with what to do", () => {
    expect(() => firstStep(true, INITIALISING)).toThrow("delete its volumes and that object");
  });
});
