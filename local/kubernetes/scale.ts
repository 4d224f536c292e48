import type { IncomingMessage } from "node:http";
import type { Answer } from "./api.ts";
import type { Cluster } from "./cluster.ts";
import { invalid, methodNotAllowed } from "./faults.ts";
import { type Findings, object, read, text, wholeNumber, writtenByServer } from "./fields.ts";
import { DEPLOYMENT } from "./kinds.ts";
import { patched } from "./patch.ts";
import { onlyParameters, readBody } from "./requests.ts";
import type { Target } from "./routes.ts";
import type { DeploymentSpec } from "./workload-fields.ts";

const scale = object(
  { spec: object({ replicas: wholeNumber() }, {}) },
  {
    apiVersion: text,
    kind: text,
    metadata: writtenByServer,
    status: writtenByServer,
  },
);

/** The `scale` subresource of a Deployment: how many replicas it has and shall have. */
export async function answerScale(
  request: IncomingMessage,
  { namespace = "", name = "" }: Target,
  query: URLSearchParams,
  cluster: Cluster,
): Promise<Answer> {
  onlyParameters(query, []);
  const now = scaleOf(cluster, namespace, name);
  if (request.method === "GET") return { code: 200, body: now };
  if (request.method !== "PUT" && request.method !== "PATCH")
    throw methodNotAllowed(`the local Kubernetes does not implement ${request.method} of deployments/${name}/scale`);
  const body = await readBody(request);
  const wanted = request.method === "PATCH" ? patched(now, body, request.headers["content-type"] ?? "") : body;
  const findings: Findings = { causes: [], ignored: [] };
  const given = read(scale, wanted, "", findings);
  if (given === undefined)
    throw invalid({ group: "autoscaling", kind: "Scale", plural: "scales" }, name, findings.causes);
  cluster.scale(namespace, name, given.spec.replicas);
  return { code: 200, body: scaleOf(cluster, namespace, name) };
}

function scaleOf(cluster: Cluster, namespace: string, name: string): object {
  const { metadata, spec, status } = cluster.objects.get(DEPLOYMENT, namespace, name);
  const { replicas = 1, selector } = spec as DeploymentSpec;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid: metadata.uid, resourceVersion: metadata.resourceVersion },
    spec: { replicas },
    status: {
      replicas: (status as { replicas?: number } | undefined)?.replicas ?? 0,
      selector: Object.entries(selector.matchLabels)
        .map(([label, value]) => `${label}=${value}`)
        .join(","),
    },
  };
}
