import { Schema } from "effect";
import { Count, Positive, withDefault } from "./fields.ts";

const Image = Schema.Union([
  Schema.Struct({ base: Schema.NonEmptyString }),
  Schema.Struct({ dockerfile: Schema.NonEmptyString }),
]);

/** A pool of workers: what they run on, and how many. Its nodes cost what EC2 charges while tasks wait or run, and nothing else. */
export const PoolConfig = Schema.Struct({
  /**
   * EC2 types of x86-64 that Karpenter may start, the cheapest that fits first. The more, the less often spot is short.
   * Default c7i.2xlarge and c6i.2xlarge ($0.36 and $0.34 an hour on demand in us-east-1; spot is some 60 % less).
   */
  instanceTypes: withDefault(Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1), Schema.isUnique()), [
    "c7i.2xlarge",
    "c6i.2xlarge",
  ]),
  /** Share of workers on spot, in steps of ten. Where spot is short they run on demand. Default 70. */
  spotPercent: withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 }), Schema.isMultipleOf(10)),
    70,
  ),
  /** Fewest workers. Default 0. */
  min: withDefault(Count, 0),
  /** Most workers. Default 100. */
  max: withDefault(Positive, 100),
  /** Tasks that one worker runs at a time. Default 1. */
  slots: withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 256 })), 1),
  /** NVIDIA GPUs of each worker (`nvidia.com/gpu`); all instance types must have that many. Default 0. */
  gpu: withDefault(Count, 0),
  /**
   * Elastic Fabric Adapters of each worker (`vpc.amazonaws.com/efa`), for tasks that talk to one another; all instance types must have
   * them. Default 0.
   */
  efa: withDefault(Count, 0),
  /** True: nodes close together, in one cluster placement group of one zone; it may be full. Default false. */
  placementGroup: withDefault(Schema.Boolean, false),
  /** Where nodes start: the zone of the file system, or "all" ($0.01 a GB each way to the file system). Default "fileSystem". */
  zones: withDefault(Schema.Literals(["fileSystem", "all"]), "fileSystem"),
  /**
   * What workers' images are built on: `{ base: "python:3.13-slim" }` for another image that has Node 24, or `{ dockerfile: "./Dockerfile" }`.
   * Default Node 24.
   */
  image: Schema.optionalKey(Image),
}).check(
  Schema.makeFilter(
    ({ min, max }) => min <= max || { path: ["max"], issue: `expected ${min} (min) or more, came ${max}` },
  ),
  Schema.makeFilter(
    ({ placementGroup, zones }) =>
      !placementGroup ||
      zones === "fileSystem" || {
        path: ["zones"],
        issue: 'expected "fileSystem" with `placementGroup`: a cluster placement group lies in one zone',
      },
  ),
);
export type PoolConfig = typeof PoolConfig.Type;
