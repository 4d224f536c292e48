import { Schema } from "effect";
import { MEDIA_TYPES, PROBLEMS, Problem } from "#grid/api.ts";
import type { HttpProblem } from "./http-problem.ts";
import type { HttpResponse } from "./load-balancer.ts";

const TITLES = { 200: "OK", 202: "Accepted" } as const;
type Success = keyof typeof TITLES;
type Headers = Readonly<Record<string, string>>;

/** Answers are about one caller's jobs as they are now: nobody may keep them. */
const ANY: Headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

const answer = (status: number, title: string, mediaType: string, body: string, headers: Headers): HttpResponse => ({
  statusCode: status,
  statusDescription: `${status} ${title}`,
  headers: { ...ANY, ...headers, "content-type": mediaType },
  body,
  isBase64Encoded: false,
});

export const json = (status: Success, value: unknown, headers: Headers = {}): HttpResponse =>
  answer(status, TITLES[status], MEDIA_TYPES.json, JSON.stringify(value), headers);

export const jsonLines = (lines: readonly string[], headers: Headers): HttpResponse =>
  answer(200, TITLES[200], MEDIA_TYPES.jsonLines, lines.map((line) => `${line}\n`).join(""), headers);

const encodeProblem = Schema.encodeSync(Problem);

export function problem({ status, detail, errors, headers }: HttpProblem): HttpResponse {
  const [title] = PROBLEMS[status];
  const body = encodeProblem({ type: "about:blank", title, status, detail, ...(errors !== undefined && { errors }) });
  return answer(status, title, MEDIA_TYPES.problem, JSON.stringify(body), headers ?? {});
}
