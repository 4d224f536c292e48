import { OPERATIONS, type OperationId } from "#grid/api.ts";
import { HttpProblem } from "./http-problem.ts";

/** What a request asks for. */
export interface Route {
  readonly operation: OperationId;
  /** As the path has it; empty for operations that are about no job. */
  readonly jobId: string;
}

const ROUTES = (Object.keys(OPERATIONS) as OperationId[]).map((operation) => {
  const { method, path } = OPERATIONS[operation];
  const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace("{jobId}", "(?<jobId>[^/]+)")}$`);
  return { operation, method: method as string, pattern };
});

/** The operation of a method and a path, or why there is none. */
export function routeOf(method: string, path: string): Route | HttpProblem {
  const matches = ROUTES.filter(({ pattern }) => pattern.test(path));
  const route = matches.find((candidate) => candidate.method === method);
  if (route !== undefined) {
    return { operation: route.operation, jobId: route.pattern.exec(path)?.groups?.["jobId"] ?? "" };
  }
  if (matches.length === 0) {
    return new HttpProblem({ status: 404, detail: `there is nothing at ${path}; openapi.json says what there is` });
  }
  const allow = matches.map((candidate) => candidate.method).join(", ");
  return new HttpProblem({ status: 405, detail: `${path} is for ${allow}, came ${method}`, headers: { allow } });
}
