// node bin/node24.mjs scripts/security-page.ts: writes docs/security.md from the synthesized templates.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { App, CfnElement, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { loadGrid } from "#grid/load-config.ts";
import { bundleGrid, type Sources } from "#stacks/bundle/bundle-grid.ts";
import { addStacks } from "#stacks/grid-app.ts";
import { kubernetesRights } from "./security/kubernetes-rights.ts";
import { grantsOf, type Permission, type Principal, principalsOf } from "./security/statements.ts";
import { type StackTemplate, Templates } from "./security/templates.ts";

const PROJECT = resolve(import.meta.dirname, "..");
export const SECURITY_PAGE = join(PROJECT, "docs/security.md");
/** Has every optional part: an own Vault, the intake, a private endpoint and so the Lambda that starts masters. */
const CONFIG = "test/fixtures/configs/private-endpoint.config.ts";

const INTRODUCTION = `# Who may do what

Every principal of a grid and what it may do, made from the synthesized templates of \`${CONFIG}\` by \`scripts/security-page.ts\`.
That config has every optional part; \`private\` is its grid's name, and REGION and ACCOUNT are where it runs. A grid without Vault or intake lacks their
rows. With the public endpoint Step Functions starts masters itself, as the state machine's role in the same Kubernetes group as here the Lambda
that does it. "Only" names the keys of the conditions under which a permission holds.
`;

/** Synthesizes the stacks of the page's config. Sources: as bundleGrid has them; what the bundles hold does not matter. */
export async function securityTemplates(sources?: Sources): Promise<Templates> {
  const outdir = mkdtempSync(join(tmpdir(), "burstgrid-security-"));
  try {
    const loaded = await loadGrid(join(PROJECT, CONFIG));
    const { context } = JSON.parse(readFileSync(join(PROJECT, "cdk.json"), "utf8"));
    const app = new App({ context, outdir });
    await using bundles = await bundleGrid(loaded, sources);
    const stacks = Object.values<Stack>(addStacks(app, { grid: loaded.grid, bundles }));
    return new Templates(stacks.map(stackTemplate));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

const stackTemplate = (stack: Stack): StackTemplate => ({
  stackName: stack.stackName,
  template: Template.fromStack(stack).toJSON() as StackTemplate["template"],
  paths: new Map(
    stack.node
      .findAll()
      .filter((construct) => CfnElement.isCfnElement(construct))
      .map((element) => [stack.resolve(element.logicalId) as string, element.node.path]),
  ),
});

/** The text of docs/security.md. */
export function securityPage(templates: Templates): string {
  const rights = kubernetesRights(templates).map(({ subject, role, verbs, resources }) =>
    row(subject, role, verbs.join(", "), resources.join(", ")),
  );
  return [
    INTRODUCTION,
    "## IAM roles\n",
    ...principalsOf(templates).map(principalText),
    "## What resources let others do\n",
    "Besides these, each queue, bucket and topic denies requests without TLS.\n",
    table(["who", "may", "on", "only"], grantsOf(templates).map(grantRow)),
    "## Rights in the cluster\n",
    "Of the grid's own manifests; charts of controllers bring roles of their own.\n",
    table(["who", "by", "may", "on"], rights),
  ].join("\n");
}

function principalText({ path, actsFor, permissions, managed }: Principal): string {
  const rows = [
    ...permissions.map(({ actions, on, only }) => row(actions.join(", "), on.join(", "), only.join(", "))),
    ...managed.map((policy) => row(`what AWS's policy ${policy} says`, "", "")),
  ];
  const head = `### ${path}\n\nFor ${actsFor.join(", ")}.\n`;
  return rows.length === 0 ? `${head}\nMay do nothing.\n` : `${head}\n${table(["may", "on", "only"], rows)}`;
}

const grantRow = ({ principal, actions, on, only }: Permission) =>
  row(principal, actions.join(", "), on.join(", "), only.join(", "));

const table = (titles: readonly string[], rows: readonly string[]) =>
  `${row(...titles)}|${"---|".repeat(titles.length)}\n${[...new Set(rows)].join("")}`;

const row = (...cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;

if (import.meta.main) writeFileSync(SECURITY_PAGE, securityPage(await securityTemplates()));
