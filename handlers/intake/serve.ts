import { Effect } from "effect";
import type { OperationId } from "#grid/api.ts";
import { OPERATIONS } from "#grid/api.ts";
import { Definition } from "#grid/definition-file.ts";
import { openApiDocument } from "#grid/openapi.ts";
import { json, problem } from "./answer.ts";
import { Authority } from "./authority.ts";
import { HttpProblem } from "./http-problem.ts";
import { type HttpRequest, headerOf } from "./load-balancer.ts";
import type { Principal } from "./principal.ts";
import { readJob, visibleJob } from "./read-job.ts";
import { readResults } from "./read-results.ts";
import { type Route, routeOf } from "./route.ts";
import { submitJob } from "./submit-job.ts";

/** Answers a request, also one that cannot be served. What is thrown is a defect: the load balancer answers 502, and the alarm on errors goes off. */
export const serve = Effect.fn("serve")(function* (request: HttpRequest) {
  return yield* answer(request).pipe(
    Effect.catchTag("HttpProblem", (refused) =>
      Effect.as(Effect.logInfo("refused", { status: refused.status, detail: refused.detail }), problem(refused)),
    ),
    Effect.catchTag("AwsError", (error) =>
      Effect.as(
        Effect.logError("no answer from AWS", { error: error.message }),
        problem(new HttpProblem({ status: 503, detail: "try again", headers: { "retry-after": "1" } })),
      ),
    ),
    Effect.catchTag("Grid.BrokenRecord", (error) =>
      Effect.as(
        Effect.logError("broken record", { error: error.message }),
        problem(
          new HttpProblem({ status: 500, detail: "the job's records cannot be read; its operator's log says why" }),
        ),
      ),
    ),
  );
});

const answer = Effect.fnUntraced(function* (request: HttpRequest) {
  const route = routeOf(request.httpMethod, request.path);
  if (route instanceof HttpProblem) return yield* route;
  if (!OPERATIONS[route.operation].authenticated) return yield* document();
  const authority = yield* Authority;
  const principal = yield* authority.authenticate(headerOf(request, "authorization"));
  return yield* run(route, request, principal).pipe(
    Effect.annotateLogs({ operation: route.operation, subject: principal.subject }),
  );
});

const run = Effect.fnUntraced(function* ({ operation, jobId }: Route, request: HttpRequest, principal: Principal) {
  switch (operation) {
    case "submitJob":
      return yield* submitJob(request, principal);
    case "getJob":
      return yield* readJob(jobId, principal);
    case "getResults":
      return yield* readResults(request, jobId, principal);
    case "cancelJob":
    case "retryJob":
      return yield* unserved(operation, jobId, principal);
    case "getDocument":
      return yield* document();
  }
});

const document = Effect.fnUntraced(function* () {
  const { name } = yield* Definition;
  return json(200, openApiDocument(name));
});

/** The flow has no rule for these requests, so an event would be lost without a word. */
const unserved = Effect.fnUntraced(function* (operation: OperationId, jobId: string, principal: Principal) {
  yield* visibleJob(jobId, principal);
  return yield* new HttpProblem({
    status: 501,
    detail: `${OPERATIONS[operation].path}: this version of the grid does not serve ${operation}; stop or redrive the execution of job ${jobId} in the Step Functions console`,
  });
});
