import { itemsOf } from "../engine/inline-map.ts";
import type { StateVisit } from "../engine/visit.ts";
import { StateFailure } from "../failure.ts";
import { isObject, type Json } from "../json.ts";
import type { MapState } from "../language/types.ts";
import type { Tolerance } from "./tolerance.ts";

/** Children of a Map Run at once [guide, service-quotas]. */
const MAX_CONCURRENCY = 10_000;

/** The fields of a Distributed Map, evaluated. */
export interface MapPlan {
  readonly maxConcurrency: number;
  readonly tolerance: Tolerance;
  readonly items: { readonly array: readonly Json[] } | { readonly Bucket: string; readonly Key: string };
  readonly writer: { readonly Bucket: string; readonly Prefix: string } | undefined;
}

/** @throws EvaluationFailure; StateFailure States.Runtime when the reader or writer gets no strings. */
export const planOf = async (visit: StateVisit<MapState>): Promise<MapPlan> => {
  const { state } = visit;
  const optional = async (field: "MaxConcurrency" | "ToleratedFailurePercentage" | "ToleratedFailureCount") => {
    const template = state[field];
    return template === undefined ? undefined : await visit.number(field, template);
  };
  const given = (await optional("MaxConcurrency")) ?? 0;
  return {
    maxConcurrency: given === 0 ? MAX_CONCURRENCY : Math.min(Math.floor(given), MAX_CONCURRENCY),
    tolerance: {
      percentage: await optional("ToleratedFailurePercentage"),
      count: await optional("ToleratedFailureCount"),
    },
    items:
      state.ItemReader === undefined
        ? { array: await itemsOf(visit) }
        : await strings(visit, "ItemReader/Arguments", state.ItemReader.Arguments, { Bucket: "", Key: "" }),
    writer:
      state.ResultWriter === undefined
        ? undefined
        : await strings(visit, "ResultWriter/Arguments", state.ResultWriter.Arguments, { Bucket: "", Prefix: "" }),
  };
};

/** An object of strings; an optional one that is absent is empty. @throws StateFailure States.Runtime */
const strings = async <T extends Record<string, string>>(
  visit: StateVisit<MapState>,
  field: string,
  template: Json,
  empty: T,
): Promise<T> => {
  const value = await visit.evaluate(field, template);
  const fits =
    isObject(value) && Object.entries(value).every(([key, each]) => key in empty && typeof each === "string");
  if (fits) return { ...empty, ...value } as T;
  const wanted = Object.keys(empty).join(" and ");
  throw new StateFailure(
    "States.Runtime",
    `${visit.name}: ${field} must give the strings ${wanted}, gave ${JSON.stringify(value)}`,
  );
};
