import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { actionOf, scopeOf } from "./gateway/classify.ts";
import { refuse } from "./gateway/refuse.ts";

/** One service behind the gateway. */
export interface Endpoint {
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
  /** The action a request is counted as, where X-Amz-Target does not say it. */
  actionOf?(request: IncomingMessage): string;
}

/** The one port of the local cloud: every request comes in here and is handed to the service it is meant for. */
export interface Gateway {
  /** `http://127.0.0.1:PORT`, what AWS_ENDPOINT_URL is set to. */
  readonly origin: string;
  /** Where pods that are not on this machine's loopback reach it: `http://ADDRESS:PORT`; else `origin`. */
  readonly podOrigin: string;
  readonly port: number;
  /** Serves requests signed for `scope`, the service name in the SigV4 credential scope: sqs, s3, dynamodb, states, … */
  route(scope: string, endpoint: Endpoint): void;
  /** Serves `prefix` and all paths below it, whatever they are signed for. Looked at before the scope. */
  mount(prefix: string, endpoint: Endpoint): void;
  /** Requests since start by service (a mount counts under its path without the slash), then action. */
  calls(): Record<string, Record<string, number>>;
  /** Stops listening and ends every connection, kept-alive and long-polling ones too. */
  close(): Promise<void>;
}

/** Longer than any SDK keeps an idle socket, so that a client never writes to one the server is just closing. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Starts the gateway on 127.0.0.1.
 * @param options.port the port to listen on; 0 takes a free one.
 * @param options.podAddress a further address of this machine to listen on, at the same port, for pods of a real cluster. Whoever
 *   reaches it may do everything with the grid: credentials are not checked.
 * @throws Error naming the port when it is in use, or the address when it is none of this machine.
 */
export const startGateway = async (options: { port: number; podAddress?: string | undefined }): Promise<Gateway> => {
  const routes = new Map<string, Endpoint>();
  const mounts = new Map<string, Endpoint>();
  const counts = new Map<string, Map<string, number>>();

  const count = (service: string, action: string): void => {
    const actions = counts.get(service) ?? new Map<string, number>();
    actions.set(action, (actions.get(action) ?? 0) + 1);
    counts.set(service, actions);
  };

  const endpointFor = (request: IncomingMessage, response: ServerResponse): Endpoint | undefined => {
    const path = request.url?.split("?", 1)[0] ?? "/";
    for (const [prefix, endpoint] of mounts) {
      if (path !== prefix && !path.startsWith(`${prefix}/`)) continue;
      count(prefix.slice(1), request.method ?? "GET");
      return endpoint;
    }
    const scope = scopeOf(request);
    if (scope === undefined) {
      refuse(request, response, {
        status: 403,
        code: "MissingAuthenticationToken",
        message: `${request.method} ${path} is signed for no AWS service and has no X-Amz-Target; send it with an AWS SDK or the AWS CLI (any credentials do)`,
      });
      return undefined;
    }
    const endpoint = routes.get(scope);
    if (!endpoint) {
      const served = [...routes.keys()].sort().join(", ");
      const message = `the service ${scope} is not served here; served are: ${served}`;
      refuse(request, response, { status: 404, code: "UnknownService", message });
      return undefined;
    }
    count(scope, endpoint.actionOf?.(request) ?? actionOf(scope, request));
    return endpoint;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader("x-amzn-requestid", randomUUID());
    try {
      await endpointFor(request, response)?.handle(request, response);
    } catch (error) {
      const message = `${request.method} ${request.url}: ${error instanceof Error ? error.message : String(error)}`;
      if (response.headersSent) response.destroy();
      else refuse(request, response, { status: 500, code: "InternalFailure", message });
    }
  };
  const { podAddress } = options;
  const servers = [await listen(answer, "127.0.0.1", options.port)];
  const { port } = servers[0]!.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  if (podAddress !== undefined) {
    servers.push(
      await listen(answer, podAddress, port).catch(async (error: Error) => {
        await closeAll(servers);
        throw error;
      }),
    );
  }

  return {
    origin,
    podOrigin:
      podAddress === undefined ? origin : `http://${isIPv6(podAddress) ? `[${podAddress}]` : podAddress}:${port}`,
    port,
    route: (scope, endpoint) => void routes.set(scope, endpoint),
    mount: (prefix, endpoint) => void mounts.set(prefix, endpoint),
    calls: () => Object.fromEntries([...counts].map(([service, actions]) => [service, Object.fromEntries(actions)])),
    close: () => closeAll(servers),
  };
};

const closeAll = async (servers: readonly Server[]): Promise<void> => {
  const closed = servers.map(
    (server) =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  );
  await Promise.all(closed);
};

const listen = (answer: RequestListener, address: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(answer);
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why: Readonly<Record<string, string>> = {
        EADDRINUSE: `port ${port} is in use: stop what listens there, or use --port 0 for a free one`,
        EADDRNOTAVAIL: `${address} is no address of this machine`,
      };
      const known = why[error.code ?? ""];
      reject(known === undefined ? error : new Error(known, { cause: error }));
    });
    server.listen(port, address, () => resolve(server));
  });
