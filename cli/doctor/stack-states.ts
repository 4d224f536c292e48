import type { Grid } from "#grid/config.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** Made by `cdk bootstrap`. */
export const BOOTSTRAP_STACK = "CDKToolkit";

/** CloudFormation's state of a stack; undefined where there is no such stack. */
export type StackStates = ReadonlyMap<string, string | undefined>;

const OF_EVERY_GRID = ["foundation", "grid", "files", "cluster", "pools", "watch"];

/** Names of the stacks of a grid. */
export const stackNames = ({ name, intake, vault }: Grid): string[] =>
  [
    ...OF_EVERY_GRID,
    ...(vault === undefined || "address" in vault ? [] : ["vault"]),
    ...(intake === undefined ? [] : ["intake"]),
  ].map((stack) => `${name}-${stack}`);

/** Whether the account is ready for a deployment, and what became of those before. */
export function judgeStacks(grid: Grid, states: StackStates): Finding[] {
  const bootstrap =
    states.get(BOOTSTRAP_STACK) === undefined
      ? fail("bootstrap", `there is no stack ${BOOTSTRAP_STACK}`, "run `npx cdk bootstrap` once for account and region")
      : ok("bootstrap", `${BOOTSTRAP_STACK} is there`);
  return [bootstrap, ...stackNames(grid).map((name) => judgeStack(name, states.get(name)))];
}

function judgeStack(name: string, state: string | undefined): Finding {
  const about = `stack ${name}`;
  if (state === undefined) return ok(about, "not deployed yet");
  if (state.endsWith("_IN_PROGRESS")) return warn(about, state, "wait until the deployment has ended");
  if (state === "CREATE_COMPLETE" || state === "UPDATE_COMPLETE" || state === "IMPORT_COMPLETE")
    return ok(about, state);
  const events = `aws cloudformation describe-stack-events --stack-name ${name}`;
  return state === "UPDATE_ROLLBACK_COMPLETE"
    ? warn(about, `${state}: it is what it was before the last deployment`, `see why: ${events}`)
    : fail(about, state, `see why: ${events}`);
}
