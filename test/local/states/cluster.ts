import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A stand-in for a Kubernetes API server: keeps Jobs, whose conditions the test sets. */
export interface Cluster {
  readonly endpoint: string;
  /** `METHOD path` of each request. */
  readonly requests: string[];
  readonly tokens: Set<string | undefined>;
  /** Jobs by path. */
  readonly jobs: Map<string, { status?: object }>;
  /** A status to answer creations with in place of creating. */
  refuse: number | undefined;
  close(): void;
}

export const openCluster = async (): Promise<Cluster> => {
  const cluster = { requests: [], tokens: new Set(), jobs: new Map(), refuse: undefined } as unknown as Cluster;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://cluster");
    cluster.requests.push(`${request.method} ${request.url}`);
    cluster.tokens.add(request.headers.authorization);
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (request.method === "POST") {
      if (cluster.refuse !== undefined) return answer(cluster.refuse, { kind: "Status", code: cluster.refuse });
      const job = JSON.parse(await textOf(request)) as { metadata: { name: string } };
      cluster.jobs.set(`${url.pathname}/${job.metadata.name}`, job as object);
      return answer(201, job);
    }
    const job = cluster.jobs.get(url.pathname);
    if (job === undefined) return answer(404, { kind: "Status", code: 404 });
    if (request.method === "DELETE") cluster.jobs.delete(url.pathname);
    return answer(200, job);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(cluster, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/kubernetes`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};
