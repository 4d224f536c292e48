import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeGrid } from "#grid/config.ts";
import { projectSections, SETTINGS_PAGE, settingsPage } from "../../scripts/settings-page.ts";

const sections = projectSections();
const settings = sections.flatMap((section) => section.settings);

/** A config with one of everything that has a name and each section that may be left out, nothing set that has a default. */
const least = decodeGrid(
  {
    pools: { name: {} },
    applications: { name: { task: { handler: "./task.ts" }, pool: "name" } },
    vault: { databases: { name: { applications: ["name"] } } },
    intake: {
      domainName: "grid.example.com",
      hostedZoneId: "Z0",
      hostedZoneName: "example.com",
      issuer: "https://login.example.com",
      audience: "grid",
    },
  },
  "test",
);

const at = (path: string): unknown =>
  path
    .replaceAll("NAME", "name")
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], least);

describe("docs/settings.md", () => {
  it("is what scripts/settings-page.ts makes of the Schemas", () => {
    expect(readFileSync(SETTINGS_PAGE, "utf8")).toBe(settingsPage(sections));
  });

  it("has every field that the Schema fills in, and says what it means", () => {
    const known = new Set(settings.map(({ path }) => path.replaceAll("NAME", "name")));
    const missing = leaves(least, "").filter((path) => !known.has(path));
    expect(missing).toEqual([]);
    const unexplained = sections.slice(1).flatMap((section) => section.settings.filter(({ doc }) => doc === ""));
    expect(unexplained.map(({ path }) => path)).toEqual([]);
  });

  it("names the defaults that the Schema fills in", () => {
    const simple = settings.filter(
      ({ fallback }) => fallback !== undefined && /^("[^"]*"|[\d.]+|true|false)$/.test(fallback),
    );
    expect(simple.length).toBeGreaterThan(40);
    for (const { path, fallback } of simple) {
      // A pool of the least config is set, for there is no pool `general`.
      if (path === "applications.NAME.pool") continue;
      expect(at(path), path).toBe(JSON.parse(fallback!));
    }
  });
});

/** Paths of all that is no object itself. */
const leaves = (value: unknown, path: string): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, below]) => leaves(below, path === "" ? key : `${path}.${key}`))
    : [path];
