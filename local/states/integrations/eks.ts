import { setTimeout as delay } from "node:timers/promises";
import {
  callKubernetes,
  type KubernetesAnswer,
  type KubernetesLogin,
  type KubernetesServer,
} from "#grid/kubernetes-server.ts";
import { StateFailure } from "../failure.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import type { Caller, Integration } from "./index.ts";

/** Looks in a row at an API server that does not answer before the state fails. */
const MAX_UNANSWERED_POLLS = 10;

/** The cluster's side of `eks:runJob`. */
export interface JobCluster {
  /** As whom the cluster takes the state machine of an IAM role; undefined for a role that it does not let in. */
  loginOf(roleArn: string): KubernetesLogin | undefined;
  /** What the cluster makes of a Job before it is stored, as a mutating webhook does. */
  admit(job: Json): Json;
}

/**
 * `eks:runJob.sync`: creates a `batch/v1` Job at the endpoint the Task names and polls it until it is complete or has
 * failed. The result is the Job. HTTP errors are `EKS.<status>`.
 */
export const eksRunJob = (options: { cluster: JobCluster; pollMilliseconds: number }): Integration => {
  const serverOf = ({ Endpoint, CertificateAuthority }: JsonObject, { roleArn }: Caller): KubernetesServer => {
    const login = options.cluster.loginOf(roleArn);
    if (login === undefined) throw new StateFailure("EKS.401", `the cluster has no access entry for ${roleArn}`);
    return { endpoint: String(Endpoint), certificateAuthority: String(CertificateAuthority), login };
  };
  return {
    submit: async (parameters, caller) => {
      const server = serverOf(parameters, caller);
      const body = options.cluster.admit(parameters["Job"] ?? null);
      const answer = await callKubernetes(server, { method: "POST", path: jobsPath(parameters), body }).catch(
        (error: Error) => {
          throw new StateFailure("States.TaskFailed", `${server.endpoint}: no answer: ${error.message}`);
        },
      );
      return accepted(answer);
    },

    untilDone: async (parameters, created, over, caller) => {
      const server = serverOf(parameters, caller);
      const look = { method: "GET", path: jobPath(parameters, created) } as const;
      let unanswered = 0;
      while (!over.aborted) {
        await delay(options.pollMilliseconds, undefined, { signal: over });
        try {
          const job = accepted(await callKubernetes(server, look));
          unanswered = 0;
          if (hasCondition(job, "Complete")) return job;
          if (hasCondition(job, "Failed")) throw new StateFailure("States.TaskFailed", JSON.stringify(job));
        } catch (error) {
          unanswered += 1;
          if (error instanceof StateFailure) throw error;
          if (unanswered < MAX_UNANSWERED_POLLS) continue;
          throw new StateFailure("States.TaskFailed", `${server.endpoint}: no answer: ${(error as Error).message}`);
        }
      }
      throw over.reason;
    },

    withdraw: async (parameters, created, caller) => {
      const path = `${jobPath(parameters, created)}?propagationPolicy=Background`;
      const answer = await callKubernetes(serverOf(parameters, caller), { method: "DELETE", path });
      if (answer.status !== 404) accepted(answer);
    },
  };
};

const jobsPath = ({ Namespace }: JsonObject): string =>
  `/apis/batch/v1/namespaces/${encodeURIComponent(String(Namespace ?? "default"))}/jobs`;

/** @param created the Job as the API server answered: it may have made up the name. */
const jobPath = (parameters: JsonObject, created: Json): string => {
  const metadata = isObject(created) ? created["metadata"] : undefined;
  const name = isObject(metadata) ? metadata["name"] : undefined;
  return `${jobsPath(parameters)}/${encodeURIComponent(String(name))}`;
};

/** @throws StateFailure `EKS.<status>` for an HTTP error. */
const accepted = ({ status, statusText, body }: KubernetesAnswer): Json => {
  if (status >= 200 && status < 300) return body as Json;
  throw new StateFailure(
    `EKS.${status}`,
    JSON.stringify({ ResponseBody: body, StatusCode: status, StatusText: statusText }),
  );
};

const hasCondition = (job: Json, type: string): boolean => {
  const status = isObject(job) ? job["status"] : undefined;
  const conditions = isObject(status) ? status["conditions"] : undefined;
  if (!Array.isArray(conditions)) return false;
  return conditions.some((each) => isObject(each) && each["type"] === type && each["status"] === "True");
};
