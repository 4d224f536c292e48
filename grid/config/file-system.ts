import { Schema } from "effect";
import { Count, withDefault } from "./fields.ts";

/**
 * The shared file system, FSx for Lustre, linked to the grid's bucket. It is a cache and scratch space in one zone: S3 is the
 * truth. Costs are us-east-1 list prices a month.
 */
export const FileSystemConfig = Schema.Struct({
  /**
   * "PERSISTENT_2": replicated within its zone, servers are replaced. "SCRATCH_2": not replicated, for what may be lost; a TiB costs
   * $143. Default "PERSISTENT_2".
   */
  type: withDefault(Schema.Literals(["PERSISTENT_2", "SCRATCH_2"]), "PERSISTENT_2"),
  /** Size in GiB: 1,200 or a multiple of 2,400. Default 1,200: $174 as PERSISTENT_2 at 125 MB/s a TiB, $168 as SCRATCH_2. */
  gibibytes: withDefault(
    Schema.Int.check(
      Schema.makeFilter(
        (size) => size === 1200 || (size > 0 && size % 2400 === 0) || "expected 1200 or a multiple of 2400 (GiB)",
      ),
    ),
    1200,
  ),
  /**
   * MB/s for each TiB of a PERSISTENT_2: a GB costs $0.145 at 125, $0.21 at 250, $0.34 at 500, $0.60 at 1,000. A SCRATCH_2 always has
   * 200. Default 125.
   */
  throughput: withDefault(Schema.Literals([125, 250, 500, 1000]), 125),
  /** Which of the network's zones, counted from 0: where workers run. Default 0. */
  zone: withDefault(Count, 0),
  /** Files that jobs write below the link become objects of the bucket too, a while later. Default true. */
  exportToBucket: withDefault(Schema.Boolean, true),
});
export type FileSystemConfig = typeof FileSystemConfig.Type;
