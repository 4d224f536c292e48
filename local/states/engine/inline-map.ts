import { StateFailure } from "../failure.ts";
import { copyOf, type Data, dataOf, type Json } from "../json.ts";
import type { MapState } from "../language/types.ts";
import type { Progress } from "../records/progress.ts";
import { type Cancellation, Cancelled } from "./cancellation.ts";
import type { Start } from "./group.ts";
import type { Exit, Level, StateVisit } from "./visit.ts";

/** Iterations of an inline Map that run at once at most [Step Functions guide, state-map-inline]. */
const MAX_INLINE_CONCURRENCY = 40;

type RunGroup = (level: Level, start: Start) => Promise<Data>;

/** The array a Map goes over: `Items`, or its input. @throws EvaluationFailure when it is none. */
export const itemsOf = (visit: StateVisit<MapState>): Promise<Json[]> =>
  visit.evaluateTo("Items", visit.state.Items ?? "{% $states.input %}", {
    kind: "array",
    is: (value: Json): value is Json[] => Array.isArray(value),
  });

/** What an item's iteration gets: the ItemSelector's value, or the item. */
export const itemInput = async (visit: StateVisit<MapState>, index: number, item: Json): Promise<Data> => {
  const { ItemSelector } = visit.state;
  if (ItemSelector === undefined) return copyOf(item);
  const value = await visit.evaluate("ItemSelector", ItemSelector, { mapItem: { Index: index, Value: item } });
  return copyOf(value);
};

/** Runs the iterations within the execution; the first that fails ends the others. */
export const runInlineMap = async (
  visit: StateVisit<MapState>,
  resumed: Progress | undefined,
  runGroup: RunGroup,
): Promise<Exit> => {
  const { state, level } = visit;
  const items = await itemsOf(visit);
  const given = state.MaxConcurrency === undefined ? 0 : await visit.number("MaxConcurrency", state.MaxConcurrency);
  if (resumed === undefined) visit.append("MapStateStarted", { mapStateStartedEventDetails: { length: items.length } });

  const outputs: Data[] = [];
  const { cancellation, unlink } = level.cancellation.child();
  const map = { visit, cancellation, runGroup, before: level.lastEventId };
  const iterate = async (index: number): Promise<void> => {
    const iteration = resumed?.iterations.get(index);
    outputs[index] =
      iteration?.output === undefined
        ? await runIteration(map, { index, item: items[index] as Json, progress: iteration?.progress })
        : dataOf(iteration.output);
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && cancellation.reason === undefined) await iterate(next++);
  };
  const lanes = Math.min(items.length, given === 0 ? MAX_INLINE_CONCURRENCY : Math.min(given, MAX_INLINE_CONCURRENCY));
  const endings = await Promise.allSettled(Array.from({ length: lanes }, lane));
  unlink();
  level.cancellation.check();
  const failed = endings.find((each) => each.status === "rejected" && !(each.reason instanceof Cancelled));
  if (failed?.status === "rejected") throw failed.reason;

  visit.append("MapStateSucceeded", {});
  const result = outputs.map(({ value }) => value);
  const output = copyOf(result);
  visit.checkSize("result", output.text);
  return visit.leave({ output, next: state.Next, fields: state, extra: { result } });
};

/** What the iterations of one inline Map share. */
interface InlineMap {
  readonly visit: StateVisit<MapState>;
  /** Ends all iterations. */
  readonly cancellation: Cancellation;
  readonly runGroup: RunGroup;
  /** The event the iterations begin after. */
  readonly before: number;
}

const runIteration = async (
  { visit, cancellation, runGroup, before }: InlineMap,
  { index, item, progress }: { index: number; item: Json; progress: Progress | undefined },
): Promise<Data> => {
  const { run, level, name, state } = visit;
  const input = await itemInput(visit, index, item);
  const details = { index, name };
  const place = [...level.place, index];
  const inner: Level = {
    run,
    group: state.ItemProcessor,
    place,
    cancellation,
    variables: level.variables,
    lastEventId: run.append("MapIterationStarted", { mapIterationStartedEventDetails: details }, before),
  };
  try {
    const output = await runGroup(inner, progress === undefined ? { input } : { progress });
    const event = { mapIterationSucceededEventDetails: details };
    level.lastEventId = run.append("MapIterationSucceeded", event, inner.lastEventId, { place, output: output.text });
    return output;
  } catch (error) {
    if (!(error instanceof StateFailure)) {
      const event = { mapIterationAbortedEventDetails: details };
      if (level.cancellation.reason === undefined) run.append("MapIterationAborted", event, inner.lastEventId);
      throw error;
    }
    const event = { mapIterationFailedEventDetails: details };
    level.lastEventId = run.append("MapIterationFailed", event, inner.lastEventId);
    cancellation.cancel({ kind: "stopped" });
    throw error;
  }
};
