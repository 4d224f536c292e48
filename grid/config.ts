import { Schema } from "effect";
import { BusConfig } from "./config/bus.ts";
import { ClusterConfig } from "./config/cluster.ts";
import { Count, DurationText, Name, withDefault } from "./config/fields.ts";
import { FileSystemConfig } from "./config/file-system.ts";
import { IntakeConfig } from "./config/intake.ts";
import { NetworkConfig, zoneCount } from "./config/network.ts";
import { PoolConfig } from "./config/pool.ts";
import { StorageConfig } from "./config/storage.ts";
import { TagsConfig } from "./config/tags.ts";
import { VaultConfig } from "./config/vault.ts";
import { WatchConfig } from "./config/watch.ts";
import { ConfigError, problemsOf } from "./config-error.ts";

/**
 * What a user writes in `grid.config.ts`, field by field, and what each becomes once it is checked.
 * Unknown fields are errors; fields of the design that this version does not serve are refused by name.
 */

const Command = Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1));

/** A Node module path, or a command. */
const Program = Schema.Union([Schema.NonEmptyString, Schema.Struct({ command: Command })]);

const Backoff = Schema.Struct({
  /** Wait before the second attempt. Default "1 second". */
  initial: withDefault(DurationText, "1 second"),
  /** Each wait is this many times the one before. Default 2. */
  rate: withDefault(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)), 2),
  /** No wait is longer; at most 15 minutes, SQS's longest delay. Default "1 minute". */
  max: withDefault(DurationText, "1 minute"),
});

const Task = Schema.Struct({
  /** A Node module with `export const handler = async (task, context) => output`. */
  handler: Schema.optionalKey(Schema.NonEmptyString),
  /** A program that reads a task's JSON on stdin and prints the output's JSON. */
  command: Schema.optionalKey(Command),
  /** The longest one attempt may take. Default "5 minutes". */
  timeout: withDefault(DurationText, "5 minutes"),
  /** Tries at a task that fails by the user's own code, the first included. Default 3. */
  attempts: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })), 3),
  backoff: withDefault(Backoff, {}),
}).check(
  Schema.makeFilter(
    (task) => (task.handler === undefined) !== (task.command === undefined) || "expected either `handler` or `command`",
  ),
);

const Pack = Schema.Struct({
  /** Seconds of work that one SQS message should hold. Default 1. */
  targetSeconds: withDefault(Schema.Finite.check(Schema.isGreaterThan(0)), 1),
  /** Most tasks in a message. Default 1,000; 1 switches packing off. */
  maxTasks: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4000 })), 1000),
  /** The mean time of a task until it has been measured, in seconds. Without it a first job sends one task a message. */
  expectedTaskSeconds: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0))),
});

const EventPattern = Schema.Record(Schema.String, Schema.Json);

const JsonSchema = Schema.Record(Schema.String, Schema.Json);

const Application = Schema.Struct({
  /** An EventBridge pattern; the detail of a matching event becomes a job's input. `Grid Job Requested` always works. */
  on: Schema.optionalKey(EventPattern),
  /** Makes a job's tasks of its input: a module path, or `{ command: ["python3", "split.py"] }`. Without it jobs bring their tasks. */
  split: Schema.optionalKey(Program),
  task: Task,
  /** Makes a job's result of its tasks' results: a module path, or a command. Without it the result is the results. */
  merge: Schema.optionalKey(Program),
  /** Whose workers run the tasks. Default "general". */
  pool: withDefault(Name, "general"),
  /** From submission (or redrive) to the end of the job. Default "24 hours". */
  deadline: withDefault(DurationText, "24 hours"),
  /** Failed tasks that a job may have and still succeed: at most `count`, or `percentage` of all. Default none. */
  tolerate: withDefault(
    Schema.Struct({
      /** Default 0. */
      count: withDefault(Count, 0),
      /** Default 0. */
      percentage: withDefault(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 })), 0),
    }),
    {},
  ),
  /** True: the first chunk that fails beyond tolerance stops the rest. Default false. */
  failFast: withDefault(Schema.Boolean, false),
  /** Tasks a chunk. Default 1,000, or 4,000 where a message holds several tasks. */
  chunkSize: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4000 }))),
  /** Chunks at a time. Default: max(100, 20 × the pool's slots ÷ chunk size), at most 10,000. */
  maxConcurrency: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
  pack: withDefault(Pack, {}),
  /** Globs of files that commands and modules read, beside the config file. */
  files: withDefault(Schema.Array(Schema.NonEmptyString), []),
  /** Environment of the application's commands. Default none. */
  env: withDefault(Schema.Record(Schema.String, Schema.String), {}),
  resources: withDefault(
    Schema.Struct({
      /** Kubernetes quantity. Default "1". */
      cpu: withDefault(Schema.NonEmptyString, "1"),
      /** Kubernetes quantity. Default "2Gi". */
      memory: withDefault(Schema.NonEmptyString, "2Gi"),
    }),
    {},
  ),
  /** JSON Schema (or an Effect Schema) of a job's input, checked by Accept. */
  input: Schema.optionalKey(JsonSchema),
  /** JSON Schema (or an Effect Schema) of a task's output, checked by the worker. */
  output: Schema.optionalKey(JsonSchema),
});

const GridConfigSchema = Schema.Struct({
  /** Prefix of all resource names. */
  name: withDefault(Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9-]{0,19}$/)), "grid"),
  /** Workers, by pool. Default one pool, `general`. */
  pools: withDefault(Schema.Record(Name, PoolConfig), { general: {} }),
  /** What jobs run, by application. */
  applications: Schema.Record(Name, Application),
  network: withDefault(NetworkConfig, {}),
  cluster: withDefault(ClusterConfig, {}),
  fileSystem: withDefault(FileSystemConfig, {}),
  storage: withDefault(StorageConfig, {}),
  bus: withDefault(BusConfig, {}),
  /** Without it applications have no secrets. */
  vault: Schema.optionalKey(VaultConfig),
  /** HTTPS in front of the grid. Without it jobs come by the bus only. */
  intake: Schema.optionalKey(IntakeConfig),
  watch: withDefault(WatchConfig, {}),
  tags: withDefault(TagsConfig, {}),
}).check(
  Schema.makeFilter(
    ({ network, intake }) =>
      network.nat !== "none" ||
      intake?.scheme !== "internet-facing" || {
        path: ["intake", "scheme"],
        issue: 'expected "internal" where `network.nat` is "none": the network has no public subnets',
      },
  ),
  Schema.makeFilter(({ network, fileSystem }) => {
    const zones = zoneCount(network);
    if (fileSystem.zone < zones) return true;
    return {
      path: ["fileSystem", "zone"],
      issue: `expected a number below ${zones}, the network's zones, came ${fileSystem.zone}`,
    };
  }),
  Schema.makeFilter(({ network, intake }) =>
    intake?.scheme === "internet-facing" && network.nat === "none"
      ? {
          path: ["intake", "scheme"],
          issue: 'expected "internal" where `network.nat` is "none": such a network has no public subnets',
        }
      : true,
  ),
  Schema.makeFilter(({ network, cluster }) => {
    if (network.nat !== "none" || cluster.mirror !== undefined) return true;
    return {
      path: ["cluster", "mirror"],
      issue:
        'expected a registry where `network.nat` is "none": charts and images of the cluster come from nowhere else',
    };
  }),
  Schema.makeFilter((grid) => {
    for (const [name, application] of Object.entries(grid.applications)) {
      if (!(application.pool in grid.pools)) {
        return {
          path: ["applications", name, "pool"],
          issue: `there is no pool "${application.pool}" (pools: ${Object.keys(grid.pools).join(", ")})`,
        };
      }
    }
    return true;
  }),
);

/** What `grid.config.ts` exports by default. */
export type GridConfig = typeof GridConfigSchema.Encoded;
/** The same with every default filled in. */
export type Grid = typeof GridConfigSchema.Type;

/** Types a config file; it only returns what it is given. */
export const defineGrid = (config: GridConfig): GridConfig => config;

/** Fields of the design's table that this version does not serve: a config that uses one is refused by its name. */
const UNSERVED: Readonly<Record<string, readonly string[]>> = {
  application: ["secrets"],
  task: ["runtime", "image"],
  resources: ["gpu"],
};

/** Checks a config and fills in the defaults. Throws a ConfigError that names the path of each wrong field. */
export function decodeGrid(config: unknown, source: string): Grid {
  const unserved = unservedFields(config);
  if (unserved.length > 0) {
    throw new ConfigError(
      source,
      unserved.map((path) => `${path}: this version of burstgrid does not serve this field`),
    );
  }
  const decoded = Schema.decodeUnknownResult(GridConfigSchema, { errors: "all", onExcessProperty: "error" })(
    withJsonSchemas(config),
  );
  if (decoded._tag === "Failure") throw new ConfigError(source, problemsOf(decoded.failure));
  return decoded.success;
}

function unservedFields(config: unknown): string[] {
  const found: string[] = [];
  const look = (value: unknown, fields: readonly string[], path: string) => {
    for (const field of fields) if (field in fieldsOf(value)) found.push(`${path}.${field}`);
  };
  for (const [name, application] of Object.entries(fieldsOf(fieldsOf(config)["applications"]))) {
    const path = `applications.${name}`;
    look(application, UNSERVED["application"]!, path);
    look(fieldsOf(application)["task"], UNSERVED["task"]!, `${path}.task`);
    look(fieldsOf(application)["resources"], UNSERVED["resources"]!, `${path}.resources`);
  }
  return found;
}

/** Effect Schemas given as `input` or `output` become the JSON Schemas that cross process boundaries. */
function withJsonSchemas(config: unknown): unknown {
  const applications = fieldsOf(config)["applications"];
  if (applications === undefined) return config;
  return {
    ...fieldsOf(config),
    applications: Object.fromEntries(
      Object.entries(fieldsOf(applications)).map(([name, application]) => [
        name,
        Object.fromEntries(
          Object.entries(fieldsOf(application)).map(([field, value]) => [
            field,
            Schema.isSchema(value) ? jsonSchemaOf(value) : value,
          ]),
        ),
      ]),
    ),
  };
}

function jsonSchemaOf(schema: Schema.Top): unknown {
  const { schema: root, definitions } = Schema.toJsonSchemaDocument(schema);
  return { ...root, $defs: definitions };
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
