// node bin/node24.mjs scripts/settings-page.ts: writes docs/settings.md from the Schemas of the config.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readSchemas } from "./settings/schema-source.ts";
import { type Section, type Setting, sectionsOf } from "./settings/settings-text.ts";

const PROJECT = resolve(import.meta.dirname, "..");
export const SETTINGS_PAGE = join(PROJECT, "docs/settings.md");

const INTRODUCTION = `# grid.config.ts

One file, read by the CDK app, the CLI and the local grid: \`.ts\`, \`.mjs\`, \`.js\` with a default export, or \`.json\`. A plain object is enough;
\`defineGrid\` only types it. Relative paths are relative to the file. An unknown field, a wrong type or a missing value is an error
that names the path, such as \`applications.pricing.task.timeout\`.

Durations are text: \`"90 seconds"\`, \`"5 minutes"\`, \`"2 hours"\`. Names are 1 to 40 lower-case letters, digits and hyphens, a letter first.
Costs are us-east-1 list prices.

This page is made from the Schemas in \`grid/config.ts\` and \`grid/config/\` by \`scripts/settings-page.ts\`.
`;

/** The sections that the Schemas in the project's files make up. */
export function projectSections(): Section[] {
  const files = ["grid/config.ts", ...globSync("grid/config/*.ts", { cwd: PROJECT }).toSorted()];
  return sectionsOf(readSchemas(files.map((file) => readFileSync(join(PROJECT, file), "utf8")).join("\n")));
}

/** The text of docs/settings.md. */
export const settingsPage = (sections: readonly Section[]): string =>
  [INTRODUCTION, ...sections.map(sectionText)].join("\n");

function sectionText({ path, form, doc, settings }: Section): string {
  const title = path === "" ? "Top level" : form === undefined ? `\`${path}\`` : `\`${path}\`, with \`${form}\``;
  const rows = settings.map((setting) => {
    const below = path === "" ? setting.path : setting.path.slice(path.length + 1);
    const told = setting.doc === "" && path === "" ? "See below." : setting.doc;
    return `| \`${below}\` | ${fallbackText(setting)} | ${cell(told)} |`;
  });
  const text = doc === "" ? "" : `${doc}\n\n`;
  return rows.length === 0
    ? `## ${title}\n\n${text}`
    : `## ${title}\n\n${text}| field | default | |\n|---|---|---|\n${rows.join("\n")}\n`;
}

/** What a field is without being set; the docstring tells of a default that depends on something. */
function fallbackText({ fallback, required, doc }: Setting): string {
  if (fallback !== undefined) return cell(`\`${fallback}\``);
  if (required) return "required";
  return doc.includes("Default") ? "" : "none";
}

const cell = (text: string) => text.replaceAll("|", "\\|");

if (import.meta.main) writeFileSync(SETTINGS_PAGE, settingsPage(projectSections()));
