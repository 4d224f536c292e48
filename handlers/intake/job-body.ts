import { Result, Schema } from "effect";
import { MAX_REQUEST_BYTES, MEDIA_TYPES } from "#grid/api.ts";
import { JobRequest } from "#grid/events.ts";
import { JobId } from "#grid/job.ts";
import { badField, badFields, HttpProblem, jsonPointer } from "./http-problem.ts";
import { bodyOf, type HttpRequest, headerOf } from "./load-balancer.ts";

const decodeRequest = Schema.decodeUnknownResult(JobRequest, { errors: "all", onExcessProperty: "error" });
const isJobId = Schema.is(JobId);

/** The job that a request's body and headers ask for. */
export function jobOf(request: HttpRequest): JobRequest | HttpProblem {
  const mediaType = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== MEDIA_TYPES.json) {
    return new HttpProblem({
      status: 415,
      detail: `expected content-type: ${MEDIA_TYPES.json}, came ${mediaType ?? "none"}`,
    });
  }
  const body = bodyOf(request);
  if (body.length > MAX_REQUEST_BYTES) {
    return new HttpProblem({
      status: 413,
      detail: `a request may have ${MAX_REQUEST_BYTES} bytes, this one has ${body.length}: put input and tasks in S3 and send inputUri and tasksUri`,
    });
  }
  const value = jsonOf(body);
  if (value instanceof HttpProblem) return value;
  const decoded = decodeRequest(value);
  if (Result.isFailure(decoded)) return badFields(decoded.failure, jsonPointer);
  return withKey(decoded.success, headerOf(request, "idempotency-key"));
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    return new HttpProblem({ status: 400, detail: `the body is not JSON: ${(cause as Error).message}` });
  }
}

function withKey(job: JobRequest, key: string | undefined): JobRequest | HttpProblem {
  if (key === undefined) return job;
  if (!isJobId(key)) {
    return badField(
      "idempotency-key",
      "expected 1 to 128 letters, digits, dots, hyphens and underscores, a letter or digit first",
    );
  }
  if (job.jobId !== undefined && job.jobId !== key) {
    return badField("idempotency-key", `expected the same as jobId, ${job.jobId}, came ${key}`);
  }
  return { ...job, jobId: key };
}
