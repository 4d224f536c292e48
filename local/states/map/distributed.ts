import { createHash } from "node:crypto";
import { Cancelled } from "../engine/cancellation.ts";
import { itemInput } from "../engine/inline-map.ts";
import type { Exit, StateVisit } from "../engine/visit.ts";
import { MAX_PAYLOAD_BYTES } from "../engine/visit.ts";
import { StateFailure } from "../failure.ts";
import { type Data, dataOf } from "../json.ts";
import type { MapState } from "../language/types.ts";
import type { Progress } from "../records/progress.ts";
import { FanOut, type Starting } from "./fan-out.ts";
import { countItems, hasItems, keepItems, readItems, readJsonLines } from "./items.ts";
import { MapRun } from "./map-run.ts";
import { type MapPlan, planOf } from "./plan.ts";
import { resultOf, writeResults } from "./results.ts";
import { exceeds } from "./tolerance.ts";

/** Runs each item as an execution of its own. A redrive goes on with the Map Run that failed. */
export const runDistributedMap = async (visit: StateVisit<MapState>, resumed: Progress | undefined): Promise<Exit> => {
  const plan = await planOf(visit);
  const { mapRun, announce } = await openMapRun(visit, plan, resumed);
  const result = await runToEnd(visit, plan, mapRun, announce).catch((error: unknown) => {
    if (error instanceof Cancelled) {
      if (error.reason.kind !== "closing") {
        mapRun.end("ABORTED");
        visit.append("MapRunAborted", {});
      }
      throw error;
    }
    const failure = visit.failureOf(error);
    mapRun.end("FAILED");
    visit.append("MapRunFailed", { mapRunFailedEventDetails: { error: failure.error, cause: failure.reason } });
    throw failure;
  });
  mapRun.end("SUCCEEDED");
  visit.append("MapRunSucceeded", {});
  const output = result ?? (await outputs(visit, mapRun));
  visit.append("MapStateSucceeded", {});
  return visit.leave({ output, next: visit.state.Next, fields: visit.state, extra: { result: output.value } });
};

/** Begins a Map Run, or opens the one that failed; `announce` writes the events that say so. */
const openMapRun = async (
  visit: StateVisit<MapState>,
  plan: MapPlan,
  resumed: Progress | undefined,
): Promise<{ mapRun: MapRun; announce: () => void }> => {
  const { run, state } = visit;
  const { store } = run.services;
  const of = { machine: run.machine.name, label: state.Label ?? labelFor(run.machine.arn, visit.name) };
  const before = resumed?.mapRunArn === undefined ? undefined : store.mapRuns.get(resumed.mapRunArn);
  if (before !== undefined && before.status !== "SUCCEEDED") {
    const mapRun = await MapRun.redrive(store, before, of);
    const mapRunRedrivenEventDetails = { mapRunArn: mapRun.arn, redriveCount: mapRun.record.redriveCount };
    return { mapRun, announce: () => visit.append("MapRunRedriven", { mapRunRedrivenEventDetails }) };
  }
  const length = "array" in plan.items ? plan.items.array.length : 0;
  const { executionArn } = run.record;
  const mapRun = MapRun.begin(store, { ...of, executionArn, ...plan });
  const announce = () => {
    visit.append("MapStateStarted", { mapStateStartedEventDetails: { length } });
    visit.append("MapRunStarted", { mapRunStartedEventDetails: { mapRunArn: mapRun.arn } });
  };
  return { mapRun, announce };
};

/** The label of a Map that names none: the same for each of its Map Runs. */
const labelFor = (machineArn: string, state: string): string =>
  createHash("sha256").update(machineArn).update(state).digest("hex").slice(0, 32);

/** Runs the children. @returns the result if a ResultWriter gives it. */
const runToEnd = async (
  visit: StateVisit<MapState>,
  plan: MapPlan,
  mapRun: MapRun,
  announce: () => void,
): Promise<Data | undefined> => {
  announce();
  const redriven = await mapRun.children.unsuccessful();
  for (const { record } of redriven) mapRun.children.mark(record.name, { status: "PENDING_REDRIVE" });
  mapRun.recount(await keptItems(visit, plan, mapRun));
  const { run, state } = visit;
  const fresh = mapRun.started;

  let exceeded = false;
  const fanOut = new FanOut(plan.maxConcurrency, (record) => {
    if (record.status === "RUNNING") return;
    mapRun.childEnded(record);
    exceeded ||= exceeds(plan.tolerance, mapRun.failures, mapRun.total);
    if (exceeded) fanOut.stop({ kind: "stopped" });
  });
  const shared = { machine: run.machine, group: state.ItemProcessor };
  const starting = async function* (): AsyncGenerator<Starting> {
    for (const child of redriven) yield () => run.services.run({ ...shared, ...mapRun.redriven(child) });
    for await (const { index, value } of readItems(mapRun.itemsPath, fresh)) {
      const input = await itemInput(visit, index, value);
      visit.checkSize(`item ${index}`, input.text);
      yield () => run.services.run({ ...shared, ...mapRun.childFor(index, input) });
    }
  };
  const off = visit.cancellation.onCancel(() => {
    const { reason } = visit.cancellation;
    fanOut.stop(reason?.kind === "closing" ? reason : { kind: "stopped" });
  });
  try {
    await fanOut.run(starting());
  } finally {
    off();
  }
  visit.cancellation.check();
  const result = plan.writer === undefined ? undefined : await writeResultFiles(visit, plan.writer, mapRun);
  if (!exceeded) return result;
  throw new StateFailure(
    "States.ExceedToleratedFailureThreshold",
    "The specified tolerated failure threshold was exceeded",
  );
};

/** The number of items, which are kept first if they are not yet. */
const keptItems = async (visit: StateVisit<MapState>, { items }: MapPlan, mapRun: MapRun): Promise<number> => {
  if (hasItems(mapRun.itemsPath)) return countItems(mapRun.itemsPath);
  if ("array" in items)
    return keepItems(
      mapRun.itemsPath,
      items.array.map((each) => JSON.stringify(each)),
    );
  const over = new AbortController();
  const off = visit.cancellation.onCancel(() => over.abort());
  try {
    const s3 = await visit.run.services.s3();
    return await keepItems(mapRun.itemsPath, readJsonLines(s3, items, over.signal));
  } catch (error) {
    visit.cancellation.check();
    throw error;
  } finally {
    off();
  }
};

const writeResultFiles = async (
  visit: StateVisit<MapState>,
  writer: { Bucket: string; Prefix: string },
  mapRun: MapRun,
): Promise<Data> => {
  const ResultWriterDetails = await writeResults({
    s3: await visit.run.services.s3(),
    bucket: writer.Bucket,
    prefix: writer.Prefix,
    mapRunArn: mapRun.arn,
    closed: mapRun.children.closed(),
    pending: readItems(mapRun.itemsPath, mapRun.started),
    temporary: mapRun.itemsPath,
  });
  return dataOf(JSON.stringify({ MapRunArn: mapRun.arn, ResultWriterDetails }));
};

/** The children's outputs by index; a child that failed, and was tolerated, shows its record. */
const outputs = async (visit: StateVisit<MapState>, mapRun: MapRun): Promise<Data> => {
  const texts: string[] = [];
  let length = 0;
  for await (const record of mapRun.children.closed()) {
    const text = record.output ?? JSON.stringify(resultOf(record));
    length += text.length + 1;
    if (length > MAX_PAYLOAD_BYTES) {
      throw new StateFailure(
        "States.DataLimitExceeded",
        `The outputs of the children of '${visit.name}' exceed ${MAX_PAYLOAD_BYTES} bytes; use a ResultWriter.`,
      );
    }
    texts[record.index ?? 0] = text;
  }
  const data = dataOf(`[${texts.join(",")}]`);
  visit.checkSize("result", data.text);
  return data;
};
