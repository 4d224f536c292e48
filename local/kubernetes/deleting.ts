import { isDeepStrictEqual } from "node:util";
import type { Propagation } from "./cluster.ts";
import { badRequest, invalid } from "./faults.ts";
import { type Findings, ignored, type Of, object, oneOf, read, wholeNumber } from "./fields.ts";
import { JOB, type Kind } from "./kinds.ts";
import { numberParameter } from "./requests.ts";

const deleteOptions = object(
  {},
  {
    kind: oneOf(["DeleteOptions"], "the body of a delete"),
    apiVersion: ignored("the options are the same in every version"),
    propagationPolicy: oneOf(["Background", "Foreground", "Orphan"], "the policies of Kubernetes"),
    gracePeriodSeconds: wholeNumber(),
  },
);

export interface Deletion {
  readonly propagation: Propagation;
  readonly graceSeconds?: number;
}

/** What a delete asks for, by its parameters and body. A Job's pods are orphaned unless it says otherwise, as in Kubernetes. */
export function deletionOf(kind: Kind, name: string, query: URLSearchParams, body: unknown): Deletion {
  const findings: Findings = { causes: [], ignored: [] };
  const inQuery = {
    ...(query.has("propagationPolicy") ? { propagationPolicy: query.get("propagationPolicy") } : {}),
    ...(query.has("gracePeriodSeconds") ? { gracePeriodSeconds: numberParameter(query, "gracePeriodSeconds") } : {}),
  };
  const fromQuery = read(deleteOptions, inQuery, "", findings);
  const fromBody = read(deleteOptions, body ?? {}, "", findings);
  if (fromQuery === undefined || fromBody === undefined) throw invalid(kind, name, findings.causes);
  return {
    propagation: agreed(fromQuery, fromBody, "propagationPolicy") ?? (kind === JOB ? "Orphan" : "Background"),
    graceSeconds: agreed(fromQuery, fromBody, "gracePeriodSeconds"),
  };
}

type Options = Of<typeof deleteOptions>;

function agreed<K extends keyof Options>(query: Options, body: Options, name: K): Options[K] {
  if (query[name] !== undefined && body[name] !== undefined && !isDeepStrictEqual(query[name], body[name]))
    throw badRequest(`${name} is given twice and differently: ${query[name]} in the query, ${body[name]} in the body`);
  return query[name] ?? body[name];
}
