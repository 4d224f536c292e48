import type { JsonObject } from "../json.ts";
import type { HistoryEvent } from "./types.ts";

/**
 * Where in an execution something happened: no number for the state machine's own states, the index of an iteration for
 * each inline Map around a state.
 */
export type Place = readonly number[];

/** A line of an execution's journal: an event of its history, and what a redrive must know beside it. */
export interface HistoryLine {
  readonly event: HistoryEvent;
  readonly place?: Place;
  /** On entering a state: the variables of its scope. */
  readonly variables?: JsonObject;
  /** When an iteration of an inline Map succeeded: its output, JSON text. */
  readonly output?: string;
}

/** How far a level of states has come; enough to go on from there. */
export interface Progress {
  readonly state: string;
  /** JSON text. */
  readonly input: string;
  readonly variables: JsonObject;
  /** Milliseconds since 1970. */
  readonly enteredTime: number;
  readonly enteredEventId: number;
  /** Of an inline Map: its iterations that began, by index. */
  readonly iterations: Map<number, IterationProgress>;
  /** Of a Distributed Map: its latest Map Run. */
  mapRunArn: string | undefined;
}

/** An iteration that succeeded has its output; another has come as far as `progress`, if it entered a state at all. */
interface IterationProgress {
  readonly output?: string;
  readonly progress: Progress | undefined;
}

/** Takes one more line into account; gives the progress of the level, which may be a new object. */
export const advance = (
  progress: Progress | undefined,
  line: HistoryLine,
  place = line.place,
): Progress | undefined => {
  if (place === undefined) return progress;
  const [index, ...inner] = place;
  const { event } = line;
  if (index !== undefined) {
    if (progress === undefined) return undefined;
    if (inner.length === 0 && line.output !== undefined) {
      progress.iterations.set(index, { output: line.output, progress: undefined });
    } else {
      const before = progress.iterations.get(index)?.progress;
      progress.iterations.set(index, { progress: advance(before, line, inner) });
    }
    return progress;
  }
  if (event.stateEnteredEventDetails !== undefined) {
    return {
      state: String(event.stateEnteredEventDetails.name),
      input: String(event.stateEnteredEventDetails.input),
      variables: line.variables ?? {},
      enteredTime: event.timestamp,
      enteredEventId: event.id,
      iterations: new Map(),
      mapRunArn: undefined,
    };
  }
  if (event.type === "MapStateStarted" && progress !== undefined) {
    progress.iterations.clear();
    progress.mapRunArn = undefined;
  }
  if (event.mapRunStartedEventDetails !== undefined && progress !== undefined) {
    progress.mapRunArn = event.mapRunStartedEventDetails.mapRunArn;
  }
  return progress;
};

/** What a redrive must know of an execution's history so far. */
export interface HistorySummary {
  readonly progress: Progress | undefined;
  readonly lastEventId: number;
}

/** Reads a whole history. */
export const summarize = async (lines: AsyncIterable<HistoryLine>): Promise<HistorySummary> => {
  let progress: Progress | undefined;
  let lastEventId = 0;
  for await (const line of lines) {
    progress = advance(progress, line);
    lastEventId = line.event.id;
  }
  return { progress, lastEventId };
};
