import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARTICLES } from "#stacks/watch/articles.ts";
import { type WatchSynthesizer, watchSynthesizer } from "./synthesize-watch.ts";

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
}

const runbook = readFileSync("docs/runbook.md", "utf8");
/** What stands below each heading of the second level. */
const articles = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf("\n")), text]),
);

let synthesizer: WatchSynthesizer;
let alarms: readonly Alarm[];
const alarmsOf = (watch: object) =>
  Object.values(synthesizer.synthesize({ watch, vault: {} }).watch.findResources("AWS::CloudWatch::Alarm")).map(
    ({ Properties }) => Properties as Alarm,
  );
beforeAll(async () => {
  synthesizer = await watchSynthesizer();
  alarms = alarmsOf({ runbook: "https://wiki.example.com/runbook" });
});
afterAll(() => synthesizer[Symbol.asyncDispose]());

const linked = ({ AlarmDescription }: Alarm) =>
  /https:\/\/wiki\.example\.com\/runbook#(\S+)$/.exec(AlarmDescription)?.[1];

describe("the runbook", () => {
  it("has an article for each alarm, which the alarm is named for and links to", () => {
    expect(alarms.length).toBeGreaterThan(30);
    for (const alarm of alarms) {
      const article = linked(alarm);
      expect([...articles.keys()], alarm.AlarmName).toContain(article);
      expect(alarm.AlarmName.startsWith(`demo-${article}`), alarm.AlarmName).toBe(true);
    }
  });

  it("has no article without an alarm", () => {
    const used = new Set(alarms.map(linked));
    expect([...articles.keys()]).toEqual([...ARTICLES]);
    for (const article of articles.keys()) expect(used).toContain(article);
  });

  it("says in each article what is the matter, how to look into it and what to do", () => {
    for (const [title, text] of articles) {
      const sections = [...text.matchAll(/^### (.+)$/gm)].map(([, section]) => section);
      expect(sections, title).toEqual(["Description", "Investigation", "Resolution"]);
    }
  });

  it("is linked to in the repository where the config names no other place", () => {
    for (const { AlarmDescription } of alarmsOf({})) expect(AlarmDescription).toMatch(/ See docs\/runbook\.md#\S+$/);
  });
});
