import {
  callKubernetes,
  type KubernetesAnswer,
  type KubernetesRequest,
  type KubernetesServer,
} from "#grid/kubernetes-server.ts";
import { below, type Fields, isFields, listBelow, type Manifest, nameOf } from "./fields.ts";

/** Who the fields are that this client has set: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
const FIELD_MANAGER = "burstgrid-local";

interface Resource {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** An answer of the API server that is an error. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly status: number;

  constructor(what: string, { status, statusText, body }: KubernetesAnswer) {
    const message = isFields(body) ? body["message"] : body;
    super(`${what}: ${status} ${statusText}: ${String(message)}`);
    this.status = status;
  }
}

/** Reads and writes objects of a cluster by its HTTP API. */
export class ClusterObjects {
  readonly #server: KubernetesServer;
  readonly #resources = new Map<string, Promise<ReadonlyMap<string, Resource>>>();

  constructor(server: KubernetesServer) {
    this.#server = server;
  }

  /** Whether the cluster has a kind: those of KEDA and Karpenter are there when they are installed. */
  async serves({ apiVersion, kind }: Pick<Manifest, "apiVersion" | "kind">): Promise<boolean> {
    return (await this.#resourcesOf(apiVersion)).has(kind);
  }

  /** Creates the object or changes it to what is given, leaving fields that others set. @throws ClusterError with the server's reason. */
  async apply(object: Manifest): Promise<void> {
    const path = `${await this.pathOf(object)}?fieldManager=${FIELD_MANAGER}&force=true&fieldValidation=Strict`;
    const request = { method: "PATCH", path, body: object, contentType: "application/apply-patch+yaml" } as const;
    await this.call(request, nameOf(object));
  }

  /** @returns undefined when there is none. */
  async get(path: string): Promise<Fields | undefined> {
    const answer = await callKubernetes(this.#server, { method: "GET", path });
    if (answer.status === 404) return undefined;
    return fieldsOf(answer, `GET ${path}`);
  }

  async list(path: string): Promise<readonly Fields[]> {
    return listBelow(fieldsOf(await callKubernetes(this.#server, { method: "GET", path }), `GET ${path}`), "items");
  }

  /** Deletes an object; one that is gone already is no error. */
  async remove(path: string): Promise<void> {
    const answer = await callKubernetes(this.#server, { method: "DELETE", path });
    if (answer.status !== 404) fieldsOf(answer, `DELETE ${path}`);
  }

  /** @throws ClusterError for an answer that is an error; `what` begins its message. */
  async call(request: KubernetesRequest, what = `${request.method} ${request.path}`): Promise<Fields> {
    return fieldsOf(await callKubernetes(this.#server, request), what);
  }

  async pathOf({ apiVersion, kind, metadata }: Manifest): Promise<string> {
    const resource = (await this.#resourcesOf(apiVersion)).get(kind);
    if (resource === undefined) throw new Error(`the cluster does not serve the kind ${apiVersion} ${kind}`);
    const place = resource.namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? "default")}` : "";
    return `${rootOf(apiVersion)}${place}/${resource.plural}/${encodeURIComponent(metadata.name)}`;
  }

  #resourcesOf(apiVersion: string): Promise<ReadonlyMap<string, Resource>> {
    const known = this.#resources.get(apiVersion);
    if (known !== undefined) return known;
    const found = this.get(rootOf(apiVersion)).then((list) => resourcesIn(list ?? {}));
    this.#resources.set(apiVersion, found);
    return found;
  }
}

const rootOf = (apiVersion: string) => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

/** By kind, without subresources. */
const resourcesIn = (list: Fields): ReadonlyMap<string, Resource> =>
  new Map(
    listBelow(list, "resources")
      .filter(({ name }) => !String(name).includes("/"))
      .map(({ kind, name, namespaced }) => [String(kind), { plural: String(name), namespaced: namespaced === true }]),
  );

function fieldsOf(answer: KubernetesAnswer, what: string): Fields {
  if (answer.status < 200 || answer.status >= 300) throw new ClusterError(what, answer);
  return below({ body: answer.body }, "body");
}
