import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Kubernetes, type KubernetesOptions, openKubernetes } from "#local/kubernetes/index.ts";

export const TOKEN = "token-of-the-test";

interface Reply {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are read field by field, as a client without types does
  readonly body: any;
  readonly headers: Headers;
}

export interface Cluster {
  readonly kubernetes: Kubernetes;
  readonly origin: string;
  readonly folder: string;
  readonly warnings: string[];
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** A cluster behind a server of its own, whose image `app:1` is a folder; all gone when the test is over. */
export async function openCluster(options: Partial<KubernetesOptions> = {}): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "kubernetes-"));
  mkdirSync(join(folder, "image"));
  const warnings: string[] = [];
  const kubernetes = openKubernetes({
    token: TOKEN,
    folder: join(folder, "pods"),
    contents(image) {
      if (image !== "app:1") throw new Error(`no folder for the image ${image}`);
      return join(folder, "image");
    },
    environment: { PATH: process.env["PATH"] ?? "" },
    volumes: {},
    cores: 2,
    queueDepth: async () => 0,
    warn: (message) => void warnings.push(message),
    retryMilliseconds: 10,
    pollMilliseconds: 10,
    ...options,
  });
  const server = createServer((request, response) => void kubernetes.endpoint.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/kubernetes`;
  onTestFinished(async () => {
    await kubernetes.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });
  return { kubernetes, origin, folder, warnings, call: (...request) => call(origin, ...request) };
}

async function call(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json") === true;
  return { code: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

/** A pod template that runs a script in Node. */
export function template(script: string, extra: { pod?: object; container?: object } = {}) {
  const container = { name: "main", image: "app:1", command: ["node", "-e", script], ...extra.container };
  return { metadata: { labels: { app: "test" } }, spec: { containers: [container], ...extra.pod } };
}

export function job(name: string, script: string, spec: object = {}, extra: Parameters<typeof template>[1] = {}) {
  const pods = template(script, { ...extra, pod: { restartPolicy: "Never", ...extra.pod } });
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { template: pods, ...spec } };
}

export function deployment(
  name: string,
  script: string,
  spec: object = {},
  extra: Parameters<typeof template>[1] = {},
) {
  const selector = { matchLabels: { app: "test" } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { selector, template: template(script, extra), ...spec },
  };
}

export const JOBS = "/apis/batch/v1/namespaces/default/jobs";
export const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
export const PODS = "/api/v1/namespaces/default/pods";

/** Whether a process runs; one that has ended and only waits to be reaped does not. */
export function isAlive(id: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(id)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

/** Runs until it is told to end. */
export const IDLE = "setInterval(() => {}, 60_000)";
