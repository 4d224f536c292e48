import { Effect, Stream } from "effect";
import type { ChunkRounds } from "#grid/chunk-rounds.ts";
import type { JobRecord } from "#grid/job.ts";
import { jobKeys } from "#grid/names.ts";
import { Objects } from "#grid/objects.ts";
import type { OutcomeCounts } from "#grid/outcomes.ts";
import { roundsOf } from "./standing.ts";

/** Writes `results.json`: where the rows of each chunk lie. */
export const writeManifest = Effect.fn("writeManifest")(function* (
  job: JobRecord,
  total: number,
  { succeeded, failed }: OutcomeCounts,
) {
  const objects = yield* Objects;
  const { jobId, application } = job;
  const head = JSON.stringify({ jobId, application, total, succeeded, failed }).slice(0, -1);
  let chunks = 0;
  const body = Stream.map(yield* roundsOf(job), (rounds) => {
    const separator = chunks++ === 0 ? "" : ",";
    return `${separator}\n${JSON.stringify(manifestChunk(jobId, rounds))}`;
  });
  const manifest = Stream.make(`${head},"chunks":[`).pipe(Stream.concat(body), Stream.concat(Stream.make("\n]}\n")));
  yield* objects.upload(jobKeys.manifest(jobId), Stream.toAsyncIterable(manifest));
});

/** A chunk in the manifest. Of an index that has several rows a success counts before a failure, else the first in this order. */
const manifestChunk = (jobId: string, { chunk: { first, count }, rounds }: ChunkRounds) => ({
  first,
  count,
  segments: rounds
    .toReversed()
    .flatMap(({ record }) => record?.refs ?? [])
    .map(({ segment, start, length }) => ({ key: jobKeys.segment(jobId, segment), start, length })),
});
