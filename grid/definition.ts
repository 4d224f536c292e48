import { Duration } from "effect";
import type { Grid } from "./config.ts";

/**
 * A grid as its processes see it: `grid.json`, written at synth beside every Lambda's code and in every image. Durations are seconds,
 * modules are known by where their bundles lie, defaults are filled in.
 */
export interface GridDefinition {
  readonly name: string;
  readonly pools: Readonly<Record<string, PoolDefinition>>;
  readonly applications: Readonly<Record<string, ApplicationDefinition>>;
}

export interface PoolDefinition {
  readonly min: number;
  readonly max: number;
  /** Tasks that one worker runs at a time. */
  readonly slots: number;
}

export interface ApplicationDefinition {
  readonly name: string;
  /** An EventBridge pattern; the detail of a matching event becomes a job's input. */
  readonly on?: Readonly<Record<string, unknown>>;
  readonly pool: string;
  readonly split?: ProgramDefinition;
  readonly task: ProgramDefinition;
  readonly merge?: ProgramDefinition;
  readonly timeoutSeconds: number;
  readonly attempts: number;
  readonly backoff: { readonly initialSeconds: number; readonly rate: number; readonly maxSeconds: number };
  readonly deadlineSeconds: number;
  readonly tolerate: { readonly count: number; readonly percentage: number };
  readonly failFast: boolean;
  readonly chunkSize?: number;
  readonly maxConcurrency?: number;
  readonly pack: { readonly targetSeconds: number; readonly maxTasks: number; readonly expectedTaskSeconds?: number };
  readonly env: Readonly<Record<string, string>>;
  readonly input?: JsonSchema;
  readonly output?: JsonSchema;
}

/** `module`: path of an ES module bundle below the image's application folder, e.g. `applications/value-at-risk/task.mjs`. */
type ProgramDefinition =
  | { readonly kind: "module"; readonly module: string }
  | { readonly kind: "command"; readonly command: readonly string[] };

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts of an application that a user may bring as a Node module. */
export type Role = "split" | "task" | "merge";

/** Where the bundle of an application's module lies, below the image's application folder. */
export const modulePath = (application: string, role: Role) => `applications/${application}/${role}.mjs`;

export function definitionOf(grid: Grid): GridDefinition {
  const applications = Object.entries(grid.applications).map(([name, application]) => {
    const program = (role: Role, given: string | { readonly command: readonly string[] }): ProgramDefinition =>
      typeof given === "string"
        ? { kind: "module", module: modulePath(name, role) }
        : { kind: "command", command: given.command };
    const { task, pack } = application;
    const definition: ApplicationDefinition = {
      name,
      ...(application.on !== undefined && { on: application.on }),
      pool: application.pool,
      ...(application.split !== undefined && { split: program("split", application.split) }),
      task: program("task", task.handler ?? { command: task.command! }),
      ...(application.merge !== undefined && { merge: program("merge", application.merge) }),
      timeoutSeconds: seconds(task.timeout),
      attempts: task.attempts,
      backoff: {
        initialSeconds: seconds(task.backoff.initial),
        rate: task.backoff.rate,
        maxSeconds: seconds(task.backoff.max),
      },
      deadlineSeconds: seconds(application.deadline),
      tolerate: application.tolerate,
      failFast: application.failFast,
      ...(application.chunkSize !== undefined && { chunkSize: application.chunkSize }),
      ...(application.maxConcurrency !== undefined && { maxConcurrency: application.maxConcurrency }),
      pack,
      env: application.env,
      ...(application.input !== undefined && { input: application.input }),
      ...(application.output !== undefined && { output: application.output }),
    };
    return [name, definition] as const;
  });
  const pools = Object.entries(grid.pools).map(([name, { min, max, slots }]) => [name, { min, max, slots }] as const);
  return { name: grid.name, pools: Object.fromEntries(pools), applications: Object.fromEntries(applications) };
}

const seconds = (text: string) => Duration.toSeconds(Duration.fromInputUnsafe(text as Duration.Input));
