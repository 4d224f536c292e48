import type { IncomingMessage } from "node:http";
import type { Answer, ApiOptions } from "./api.ts";
import type { Accepted } from "./cluster.ts";
import { deletionOf } from "./deleting.ts";
import { badRequest, methodNotAllowed, successOf } from "./faults.ts";
import { apiVersionOf, DEPLOYMENT, type Kind, POD } from "./kinds.ts";
import { readLog } from "./logs.ts";
import type { KubernetesObject } from "./objects.ts";
import { patched } from "./patch.ts";
import { LIST_PAGING, numberParameter, onlyParameters, readBody } from "./requests.ts";
import type { Target } from "./routes.ts";
import { answerScale } from "./scale.ts";
import { fieldTest, labelTest } from "./selectors.ts";
import { asksForTable, tableOf } from "./tables.ts";

/** Answers a request for objects of a kind. */
export async function answer(
  request: IncomingMessage,
  target: Target,
  query: URLSearchParams,
  options: ApiOptions,
): Promise<Answer> {
  const { cluster } = options;
  const { kind, namespace = "", name, subresource } = target;
  const { method = "GET" } = request;
  if (kind === POD && subresource === "log" && method === "GET") return log(target, query, options);
  if (kind === DEPLOYMENT && subresource === "scale") return answerScale(request, target, query, cluster);
  const refused = () => {
    const what = [kind.plural, name, subresource].filter((part) => part !== undefined).join("/");
    return methodNotAllowed(`the local Kubernetes does not implement ${method} of ${what}`);
  };
  if (subresource !== undefined) throw refused();
  if (name === undefined) {
    if (method === "GET") return list(request, target, query, options);
    if (method !== "POST") throw refused();
    onlyParameters(query, []);
    if (kind.namespaced && namespace === "") throw badRequest(`a ${kind.kind} is created in a namespace`);
    return written(201, cluster.create(kind, namespace, await readBody(request)));
  }
  if (method === "GET") {
    onlyParameters(query, ["resourceVersion"]);
    return shown(request, kind, cluster.objects.get(kind, namespace, name));
  }
  if (method === "PUT") {
    onlyParameters(query, []);
    return written(200, cluster.replace(kind, namespace, name, await readBody(request)));
  }
  if (method === "PATCH" && kind !== POD) {
    onlyParameters(query, []);
    const before = cluster.objects.get(kind, namespace, name);
    const manifest = patched(before, await readBody(request), request.headers["content-type"] ?? "");
    return written(200, cluster.replace(kind, namespace, name, manifest));
  }
  if (method !== "DELETE") throw refused();
  onlyParameters(query, ["propagationPolicy", "gracePeriodSeconds"]);
  const deletion = deletionOf(kind, name, query, await readBody(request));
  const object = cluster.delete(kind, namespace, name, deletion);
  return { code: 200, body: kind === POD ? object : successOf(kind, name, object.metadata.uid) };
}

function written(code: number, { object, ignored }: Accepted): Answer {
  return { code, body: object, warnings: ignored.map(({ field, reason }) => `${field} means nothing here: ${reason}`) };
}

function shown(request: IncomingMessage, kind: Kind, object: KubernetesObject): Answer {
  return { code: 200, body: asksForTable(request) ? tableOf(kind, [object], object.metadata.resourceVersion) : object };
}

function list(
  request: IncomingMessage,
  { kind, namespace }: Target,
  query: URLSearchParams,
  { cluster }: ApiOptions,
): Answer {
  onlyParameters(query, ["labelSelector", "fieldSelector", ...LIST_PAGING]);
  const byLabels = labelTest(query.get("labelSelector") ?? "");
  const byFields = fieldTest(query.get("fieldSelector") ?? "");
  const items = cluster.objects.list(kind, namespace).filter((object) => byLabels(object) && byFields(object));
  const { resourceVersion } = cluster.objects;
  if (asksForTable(request)) return { code: 200, body: tableOf(kind, items, resourceVersion) };
  const body = { apiVersion: apiVersionOf(kind), kind: `${kind.kind}List`, metadata: { resourceVersion }, items };
  return { code: 200, body };
}

async function log(
  { namespace = "", name = "" }: Target,
  query: URLSearchParams,
  options: ApiOptions,
): Promise<Answer> {
  onlyParameters(query, ["container", "tailLines", "limitBytes"]);
  const { spec } = options.cluster.objects.get(POD, namespace, name) as { spec: { containers: { name: string }[] } };
  const container = query.get("container");
  if (container !== null && !spec.containers.some((each) => each.name === container))
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  const tailLines = numberParameter(query, "tailLines");
  const limitBytes = numberParameter(query, "limitBytes");
  return { code: 200, body: await readLog(options.logOf(namespace, name), { tailLines, limitBytes }) };
}
