import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { gridForFile } from "./running-grid.ts";

const grid = gridForFile();

const ask = (path: string, init?: RequestInit) => fetch(`${grid().local.endpoint}/api${path}`, init);

const submit = (job: object) =>
  ask("/jobs", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(job) });

test("a job is submitted, watched and read over HTTP, by those who need no AWS client", async () => {
  const answer = await submit({ application: "squares", input: { tasks: 7 }, tags: { desk: "web" } });
  expect(answer.status).toBe(202);
  const { jobId } = (await answer.json()) as { readonly jobId: string };
  const job = new URL(answer.headers.get("location")!, answer.url);
  expect(job.pathname).toBe(`/api/jobs/${jobId}`);

  await grid().end(jobId);
  await eventually(async () => {
    expect(await (await fetch(job)).json()).toMatchObject({
      jobId,
      state: "SUCCEEDED",
      tasks: { total: 7, succeeded: 7, failed: 0 },
      tags: { desk: "web" },
    });
  });

  const rows: string[] = [];
  let page: URL | undefined = new URL(`${job.pathname}/results?limit=3`, job);
  while (page !== undefined) {
    const response: Response = await fetch(page);
    rows.push(...(await response.text()).trimEnd().split("\n"));
    const next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    page = next === undefined ? undefined : new URL(next, page);
  }
  expect(rows.map((row) => JSON.parse(row))).toEqual(
    Array.from({ length: 7 }, (_, index) => ({ index, output: index ** 2 })),
  );
});

test("a request that was sent twice is one job", async () => {
  const job = { application: "squares", jobId: "sent-twice", input: { tasks: 2 } };
  expect((await submit(job)).status).toBe(202);
  await grid().end("sent-twice");
  expect((await submit(job)).status).toBe(200);
});

test("a page of another site cannot submit: what a browser sends unasked is refused", async () => {
  const unasked = await ask("/jobs", { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" });
  const preflight = await ask("/jobs", { method: "OPTIONS", headers: { origin: "https://evil.example.com" } });
  expect([unasked.status, preflight.status]).toEqual([415, 405]);
  expect(preflight.headers.has("access-control-allow-origin")).toBe(false);
});
