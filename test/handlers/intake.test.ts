import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ENV } from "#grid/names.ts";
import { handler as collect } from "#handlers/collect.ts";
import { callbacks } from "./callbacks.ts";
import { type Issuer, startIssuer } from "./intake-issuer.ts";
import { eventOf, type Got, type Sent, send } from "./intake-request.ts";
import { batch, context, section, splitJob } from "./job.ts";
import { jobRecord, type Parts, startParts } from "./parts.ts";

let parts: Parts;
let issuer: Issuer;
let token: string;
const aws = callbacks();

beforeAll(async () => {
  [parts, issuer] = await Promise.all([startParts(), startIssuer()]);
  Object.assign(process.env, {
    [ENV.intakeIssuer]: issuer.url,
    [ENV.intakeAudience]: "grid",
    [ENV.intakeApplicationsClaim]: "grid:applications",
  });
  token = await issuer.token({ "grid:applications": ["squares", "typed", "no-split", "gone"] });
});
afterAll(async () => {
  await parts.close();
  await issuer.close();
});
beforeEach(() => aws.reset());

const ask = (line: string, sent: Sent = {}) => send(line, { token, ...sent });
const submit = (body: unknown, sent: Sent = {}) => ask("POST /jobs", { body, ...sent });
const record = (changes: Parameters<typeof jobRecord>[0]) => parts.run(parts.ledger.recordJob(jobRecord(changes)));

/** What a problem says, after a look at its form. */
function problem({ status, headers, body }: Got) {
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(body).toMatchObject({ type: "about:blank", title: expect.any(String), status });
  return { status, detail: body["detail"], errors: body["errors"] };
}

describe("a request for a job", () => {
  it("becomes the event that asks for it, and is answered with where the job will be", async () => {
    const job = { application: "squares", jobId: "one", input: { n: 3 }, priority: "high", tags: { desk: "a" } };
    const { status, headers, body } = await submit(job);
    expect([status, headers["location"], body]).toEqual([202, "jobs/one", { jobId: "one" }]);
    expect(aws.events()).toEqual([{ type: "Grid Job Requested", detail: job }]);
    const [put] = aws.bus.commandCalls(PutEventsCommand);
    expect(put!.args[0].input.Entries).toMatchObject([{ EventBusName: "bus", Source: "burstgrid" }]);
  });

  it("without an id gets one, that the event carries too", async () => {
    const { body } = await submit({ application: "squares" });
    expect(body["jobId"]).toMatch(/^squares-[0-9a-f-]{36}$/);
    expect(aws.events()).toMatchObject([{ detail: { jobId: body["jobId"] } }]);
  });

  it("takes the header idempotency-key for its id", async () => {
    const headers = { "idempotency-key": "key-1" };
    expect((await submit({ application: "squares" }, { headers })).body).toEqual({ jobId: "key-1" });
    expect(aws.events()).toMatchObject([{ detail: { jobId: "key-1" } }]);
    expect((await submit({ application: "squares", jobId: "key-1" }, { headers })).status).toBe(202);
    expect(problem(await submit({ application: "squares", jobId: "key-2" }, { headers }))).toMatchObject({
      status: 400,
      errors: [{ pointer: "idempotency-key", detail: "expected the same as jobId, key-2, came key-1" }],
    });
    const bad = await submit({ application: "squares" }, { headers: { "idempotency-key": "a b" } });
    expect(problem(bad)).toMatchObject({ status: 400, errors: [{ pointer: "idempotency-key" }] });
  });

  it("that was served before publishes nothing and points to the job", async () => {
    await record({ jobId: "known", state: "FAILED" });
    const { status, body } = await submit({ application: "squares", jobId: "known" });
    expect([status, body]).toEqual([200, { jobId: "known" }]);
    expect(aws.events()).toEqual([]);
  });

  it("with the id of another application's job is refused", async () => {
    await record({ jobId: "theirs", application: "merged" });
    expect(problem(await submit({ application: "squares", jobId: "theirs" })).status).toBe(409);
    expect(aws.events()).toEqual([]);
  });

  it("for an application that the token does not permit is refused, whether or not there is one", async () => {
    for (const application of ["merged", "nowhere"]) {
      expect(problem(await submit({ application }))).toMatchObject({
        status: 403,
        detail: `the token does not permit the application ${application}`,
      });
    }
    expect(aws.events()).toEqual([]);
  });

  it("for a permitted application that the grid does not have is refused by name", async () => {
    expect(problem(await submit({ application: "gone" }))).toMatchObject({
      status: 400,
      errors: [
        { pointer: "#/application", detail: 'there is no application "gone" (yours: squares, typed, no-split)' },
      ],
    });
  });

  it("that does not fit is refused with the path of each field", async () => {
    const answer = problem(
      await submit({ application: "squares", priority: "urgent", tags: { "a/b": 1 }, deadlineSeconds: 0, more: 1 }),
    );
    expect(answer.status).toBe(400);
    expect((answer.errors as { pointer: string }[]).map(({ pointer }) => pointer).toSorted()).toEqual([
      "#/deadlineSeconds",
      "#/more",
      "#/priority",
      "#/tags/a~1b",
    ]);
    expect(aws.events()).toEqual([]);
  });

  it("that Accept would fail is refused at once", async () => {
    const detail = async (body: object) => problem(await submit(body)).detail;
    expect(await detail({ application: "typed", input: { paths: "many" } })).toContain("paths");
    expect(await detail({ application: "no-split" })).toContain("a job must bring its tasks");
    expect(await detail({ application: "squares", input: "x".repeat(130 * 1024) })).toContain("inputUri or tasksUri");
    expect(aws.events()).toEqual([]);
  });

  it("may name its own objects in the grid's bucket and no others there", async () => {
    const uri = "s3://bucket/jobs/mine/tasks.jsonl";
    expect((await submit({ application: "squares", jobId: "mine", tasksUri: uri })).status).toBe(202);
    expect((await submit({ application: "squares", jobId: "far", inputUri: "s3://other/jobs/x" })).status).toBe(202);
    aws.reset();
    for (const field of ["tasksUri", "inputUri"]) {
      expect(problem(await submit({ application: "squares", jobId: "min", [field]: uri }))).toMatchObject({
        status: 400,
        errors: [{ pointer: `#/${field}` }],
      });
    }
    expect(problem(await submit({ application: "squares", tasksUri: uri })).status).toBe(400);
    expect(aws.events()).toEqual([]);
  });

  it("must be JSON, say so, and be no larger than an event can carry", async () => {
    expect(problem(await submit("{oops"))).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/^the body is not JSON/),
    });
    expect(problem(await submit("{}", { headers: { "content-type": "text/plain" } })).status).toBe(415);
    expect(problem(await ask("POST /jobs")).status).toBe(415);
    expect(problem(await submit({ application: "squares", tags: { a: "x".repeat(200_000) } })).status).toBe(413);
  });

  it("may come in Base64, as load balancers hand on what they take for binary", async () => {
    const body = Buffer.from(JSON.stringify({ application: "squares", jobId: "coded" })).toString("base64");
    const event = eventOf("POST /jobs", { token, body, headers: { "content-type": "application/json;charset=utf-8" } });
    const { handler } = await import("#handlers/intake.ts");
    expect(await handler({ ...event, isBase64Encoded: true }, context)).toMatchObject({ statusCode: 202 });
  });

  it("that the bus does not take is answered as one to send again", async () => {
    aws.bus.on(PutEventsCommand).resolves({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: "ThrottlingException", ErrorMessage: "slow down" }],
    });
    const answer = await submit({ application: "squares" });
    expect(problem(answer)).toMatchObject({ status: 503, detail: "try again" });
    expect(answer.headers["retry-after"]).toBe("1");
  });
});

describe("a job", () => {
  it("is shown with its state, counts and times", async () => {
    await splitJob(parts, 5, 5, { jobId: "shown", tags: { desk: "a" }, succeeded: 2, failed: 1 });
    const { status, headers, body } = await ask("GET /jobs/shown");
    expect([status, headers["content-type"], headers["cache-control"]]).toEqual([200, "application/json", "no-store"]);
    expect(body).toEqual({
      jobId: "shown",
      application: "squares",
      state: "RUNNING",
      priority: "normal",
      tasks: { total: 5, succeeded: 2, failed: 1 },
      tags: { desk: "a" },
      submittedAt: "2026-01-01T00:00:00Z",
      startedAt: "2026-01-01T00:00:01.000Z",
      finishedAt: null,
      resultUri: null,
      error: null,
    });
  });

  it("of another application looks like one that is not there, whatever is asked of it", async () => {
    await record({ jobId: "hidden", application: "merged" });
    for (const id of ["hidden", "absent", `a${"b".repeat(200)}`, "%00"]) {
      for (const line of [`GET /jobs/${id}`, `GET /jobs/${id}/results`, `POST /jobs/${id}/cancel`]) {
        const { status, detail } = problem(await ask(line));
        expect([line, status, detail]).toEqual([
          line,
          404,
          `there is no job ${id} that the token permits; one that was just submitted is there within seconds`,
        ]);
      }
    }
  });

  it("cannot be cancelled or retried by this version, which says so and publishes nothing", async () => {
    await record({ jobId: "stays" });
    for (const verb of ["cancel", "retry"]) {
      const { status, detail } = problem(await ask(`POST /jobs/stays/${verb}`));
      expect([status, detail]).toEqual([501, expect.stringContaining(`does not serve ${verb}Job`)]);
    }
    expect(aws.events()).toEqual([]);
  });
});

describe("results", () => {
  const indexes = ({ rows }: Got) => rows.map(({ index }) => index);

  beforeAll(async () => {
    aws.reset();
    const [first, second] = await splitJob(parts, 8, 4, { jobId: "rows" });
    for (const chunk of [first!, second!]) {
      const dispatched = { token: "t", epoch: 0, lane: "fast" as const, now: new Date() };
      await parts.run(parts.ledger.openChunk("rows", chunk, dispatched));
    }
    await collect(batch(section("rows", "0", [0, 1, 3], [2]), section("rows", "1", [4, 5, 6, 7])), context);
  });

  it("come in task order, a line a task", async () => {
    const page = await ask("GET /jobs/rows/results");
    expect([page.status, page.headers["content-type"]]).toEqual([200, "application/jsonl"]);
    expect(indexes(page)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(page.rows[3]).toEqual({ index: 3, output: 30 });
    expect(page.rows[2]).toMatchObject({ index: 2, error: { type: "TypeError" }, attempts: 3 });
    expect(page.headers["link"]).toBeUndefined();
  });

  it("come in pages, each with a link to the next", async () => {
    const seen: unknown[] = [];
    let query = "?limit=3";
    const pages: number[] = [];
    while (query !== "") {
      const page = await ask(`GET /jobs/rows/results${query}`);
      seen.push(...indexes(page));
      pages.push(page.rows.length);
      query = /^<(\?[^>]+)>; rel="next"$/.exec(page.headers["link"] ?? "")?.[1] ?? "";
    }
    expect([seen, pages]).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [3, 3, 2],
    ]);
  });

  it("begin where they are asked to, and can be those of failed tasks alone", async () => {
    expect(indexes(await ask("GET /jobs/rows/results?from=6"))).toEqual([6, 7]);
    expect(indexes(await ask("GET /jobs/rows/results?from=99"))).toEqual([]);
    expect(indexes(await ask("GET /jobs/rows/results?failed=true"))).toEqual([2]);
    expect(indexes(await ask("GET /jobs/rows/results?failed=true&from=3"))).toEqual([]);
    expect(indexes(await ask("GET /jobs/rows/results?%66rom=%36"))).toEqual([6, 7]);
  });

  it("of a job that has no tasks yet are none", async () => {
    await record({ jobId: "early" });
    const { status, text } = await ask("GET /jobs/early/results");
    expect([status, text]).toEqual([200, ""]);
  });

  it("are refused for parameters that do not fit, by name", async () => {
    expect(problem(await ask("GET /jobs/rows/results?from=-1&limit=many&page=2"))).toMatchObject({
      status: 400,
      errors: expect.arrayContaining([
        { pointer: "page", detail: "there is no such field" },
        { pointer: "from", detail: expect.any(String) },
        { pointer: "limit", detail: expect.any(String) },
      ]),
    });
  });

  it("whose objects are not what the grid wrote are the operator's to look at", async () => {
    await splitJob(parts, 1, 1, { jobId: "torn" });
    await parts.run(parts.objects.put("jobs/torn/split/pod/chunks.jsonl", "no chunk\n"));
    expect(problem(await ask("GET /jobs/torn/results")).status).toBe(500);
  });
});

describe("a path", () => {
  it("that is none is answered with 404, a method that is none of its own with those it has", async () => {
    expect(problem(await ask("GET /job/x")).status).toBe(404);
    expect(problem(await ask("GET /jobs/x/results/3")).status).toBe(404);
    const { headers, ...answer } = await ask("DELETE /jobs/x");
    expect([answer.status, headers["allow"]]).toEqual([405, "GET"]);
  });
});
