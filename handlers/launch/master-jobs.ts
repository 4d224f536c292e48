import { STSClient } from "@aws-sdk/client-sts";
import { Clock, Config, Context, Effect, Layer, Schema } from "effect";
import { toAwsError } from "#grid/aws.ts";
import { eksToken } from "#grid/eks-token.ts";
import { bearer, callKubernetes, type KubernetesAnswer, type KubernetesRequest } from "#grid/kubernetes-server.ts";
import { ENV, NAMESPACE } from "#grid/names.ts";
import { KubernetesRefused, KubernetesUnavailable } from "./errors.ts";
import { MasterJob } from "./master-job.ts";

type Failure = KubernetesRefused | KubernetesUnavailable;

export interface MasterJobsShape {
  /** Creates a Job as it is given. `exists`: there is one of its name. */
  create(job: unknown): Effect.Effect<"created" | "exists", Failure>;
  find(name: string): Effect.Effect<MasterJob, Failure>;
  /** The masters' Jobs, finished ones included until Kubernetes removes them. */
  list: Effect.Effect<readonly MasterJob[], Failure>;
  /** Deletes a Job and its pods, if it is there. */
  remove(name: string): Effect.Effect<void, Failure>;
}

/** The Jobs of masters in the grid's namespace, by the API server of its EKS cluster. */
export class MasterJobs extends Context.Service<MasterJobs, MasterJobsShape>()("launch/MasterJobs") {
  static readonly layer = Layer.effect(
    MasterJobs,
    Effect.gen(function* () {
      const cluster = yield* Config.NonEmptyString(ENV.cluster);
      const endpoint = yield* Config.NonEmptyString(ENV.clusterEndpoint);
      // None for an API server on plain HTTP.
      const certificateAuthority = yield* Config.withDefault(Config.String(ENV.clusterCertificateAuthority), "");
      const { config } = new STSClient({});
      const token = Effect.gen(function* () {
        const now = new Date(yield* Clock.currentTimeMillis);
        const [credentials, region] = yield* Effect.tryPromise({
          try: () => Promise.all([config.credentials(), config.region()]),
          catch: (cause) => new KubernetesUnavailable({ message: toAwsError("STS.credentials", cause).message }),
        });
        return eksToken({ cluster, region, credentials, now });
      });
      return masterJobs((request) =>
        Effect.flatMap(token, (token) =>
          Effect.tryPromise({
            try: () => callKubernetes({ endpoint, certificateAuthority, login: bearer(token) }, request),
            catch: (cause) =>
              new KubernetesUnavailable({ message: `${endpoint}: no answer: ${(cause as Error).message}` }),
          }),
        ),
      );
    }),
  );
}

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const SELECTOR = `?labelSelector=${encodeURIComponent("app.kubernetes.io/name=grid-master")}`;
const jobPath = (name: string) => `${JOBS}/${encodeURIComponent(name)}`;
const JobList = Schema.Struct({ items: Schema.Array(MasterJob) });

export function masterJobs(
  call: (request: KubernetesRequest) => Effect.Effect<KubernetesAnswer, KubernetesUnavailable>,
): MasterJobsShape {
  const ask = (request: KubernetesRequest, also: readonly number[] = []) =>
    Effect.flatMap(call(request), (answer) =>
      also.includes(answer.status) ? Effect.succeed(answer) : accepted(request, answer),
    );
  const read = <A>(request: KubernetesRequest, schema: Schema.Codec<A, unknown>) =>
    Effect.flatMap(ask(request), ({ body }) => decoded(request, schema, body));
  return {
    create: (job) =>
      Effect.map(ask({ method: "POST", path: JOBS, body: job }, [409]), ({ status }) =>
        status === 409 ? "exists" : "created",
      ),
    find: (name) => read({ method: "GET", path: jobPath(name) }, MasterJob),
    list: Effect.map(read({ method: "GET", path: `${JOBS}${SELECTOR}` }, JobList), ({ items }) => items),
    remove: (name) =>
      Effect.asVoid(ask({ method: "DELETE", path: `${jobPath(name)}?propagationPolicy=Background` }, [404])),
  };
}

function accepted({ method, path }: KubernetesRequest, answer: KubernetesAnswer) {
  const { status, statusText, body } = answer;
  if (status >= 200 && status < 300) return Effect.succeed(answer);
  const message = `${method} ${path}: ${status} ${statusText}: ${JSON.stringify(body)}`;
  return Effect.fail(
    status === 429 || status >= 500 ? new KubernetesUnavailable({ message }) : new KubernetesRefused({ message }),
  );
}

const decoded = <A>({ method, path }: KubernetesRequest, schema: Schema.Codec<A, unknown>, body: unknown) =>
  Effect.mapError(
    Schema.decodeUnknownEffect(schema)(body),
    (error) => new KubernetesRefused({ message: `${method} ${path}: not what was expected: ${error.message}` }),
  );
