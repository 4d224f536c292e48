import { Schema } from "effect";
import { problemsOf } from "#grid/config-error.ts";
import type { ApplicationDefinition, GridDefinition } from "#grid/definition.ts";
import { parsePattern } from "#grid/event-pattern.ts";
import { type BusEvent, DETAIL_TYPES, JobRequest } from "#grid/events.ts";
import { JobId, jobIdOf } from "#grid/job.ts";

/** A job that an event asks for. */
export interface WantedJob {
  readonly jobId: string;
  /** As the event has it; `unknown` when it has none. */
  readonly application: string;
  readonly request: ServableRequest | RefusedRequest;
}

export interface ServableRequest {
  readonly definition: ApplicationDefinition;
  readonly job: JobRequest;
}

/** A request that no job can come of, and why. */
export interface RefusedRequest {
  readonly problem: string;
}

export const isServable = (request: WantedJob["request"]): request is ServableRequest => "definition" in request;

/**
 * The jobs that an event may have started, in the order in which they are tried. `Grid Job Requested` asks for one. Another event may
 * match the patterns of several applications, each with a rule of its own; the executions that those rules start get the same input, so each
 * takes the first of these jobs that no other execution has.
 */
export function wantedJobs(event: BusEvent, grid: GridDefinition): readonly [WantedJob, ...WantedJob[]] {
  if (event["detail-type"] === DETAIL_TYPES.requested) return [requestedJob(event, grid)];
  const [first, ...others] = Object.values(grid.applications)
    .filter(({ on }) => on !== undefined && parsePattern(on)({ ...event }))
    .map((definition) => listenersJob(event, definition));
  return first === undefined ? [strayJob(event)] : [first, ...others];
}

const decodeRequest = Schema.decodeUnknownResult(JobRequest, { errors: "all", onExcessProperty: "error" });

function requestedJob(event: BusEvent, grid: GridDefinition): WantedJob {
  const decoded = decodeRequest(event.detail);
  if (decoded._tag === "Failure") {
    const { application, jobId } = whatItSays(event.detail);
    return {
      jobId: jobIdOf(application, event.id, jobId),
      application,
      request: { problem: `the detail does not fit: ${problemsOf(decoded.failure).join("; ")}` },
    };
  }
  const job = decoded.success;
  const definition = grid.applications[job.application];
  const application = definition?.name ?? nameOf(job.application);
  return {
    jobId: jobIdOf(application, event.id, job.jobId),
    application,
    request: definition === undefined ? { problem: unknownApplication(job.application, grid) } : { definition, job },
  };
}

function listenersJob(event: BusEvent, definition: ApplicationDefinition): WantedJob {
  const { name } = definition;
  return {
    jobId: jobIdOf(name, event.id, undefined),
    application: name,
    request: { definition, job: { application: name, input: event.detail } },
  };
}

function strayJob(event: BusEvent): WantedJob {
  const problem = `no application listens to events of source "${event.source}" and detail-type "${event["detail-type"]}"`;
  return { jobId: jobIdOf(NO_NAME, event.id, undefined), application: NO_NAME, request: { problem } };
}

const unknownApplication = (given: string, grid: GridDefinition) =>
  `there is no application "${given}" (applications: ${Object.keys(grid.applications).join(", ")})`;

const NO_NAME = "unknown";
const isJobId = Schema.is(JobId);

/** A name that can be part of a job's id. */
const nameOf = (given: string) => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(given) ? given : NO_NAME);

/** What can be told of a request that does not fit. */
function whatItSays(detail: unknown): { readonly application: string; readonly jobId: string | undefined } {
  const { application, jobId } =
    typeof detail === "object" && detail !== null ? (detail as Record<string, unknown>) : {};
  return {
    application: typeof application === "string" ? nameOf(application) : NO_NAME,
    jobId: isJobId(jobId) ? jobId : undefined,
  };
}
