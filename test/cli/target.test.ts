import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answers, readEndpointFile, removeEndpointFile, writeEndpointFile } from "#cli/endpoint-file.ts";
import { chooseCloud, environmentFor, onlyGrid } from "#cli/target.ts";
import { startGateway } from "#local/gateway.ts";

const names = { grid: "g", bus: "g", ledger: "g-ledger", bucket: "g-bucket" };
const running = { endpoint: "http://127.0.0.1:4600", pid: process.pid, names };

describe("which cloud a command speaks to", () => {
  test("--endpoint comes before AWS_ENDPOINT_URL, that before the local grid of this folder, that before AWS", () => {
    const env = { AWS_ENDPOINT_URL: "http://127.0.0.1:2" };
    expect(chooseCloud("http://127.0.0.1:1", env, running)).toEqual({ kind: "local", endpoint: "http://127.0.0.1:1" });
    expect(chooseCloud(undefined, env, running)).toEqual({ kind: "local", endpoint: "http://127.0.0.1:2" });
    expect(chooseCloud(undefined, {}, running)).toEqual({ kind: "local", endpoint: running.endpoint, names });
    expect(chooseCloud(undefined, { AWS_ENDPOINT_URL: "" }, undefined)).toEqual({ kind: "aws" });
  });

  test("the endpoint of this folder's grid is known with its names, with a slash at the end too", () => {
    expect(chooseCloud("http://127.0.0.1:4600/", {}, running)).toEqual({
      kind: "local",
      endpoint: running.endpoint,
      names,
    });
  });

  test("an endpoint on another machine is no local grid", () => {
    expect(chooseCloud("https://proxy.example/aws", {}, undefined)).toEqual({
      kind: "endpoint",
      endpoint: "https://proxy.example/aws",
    });
  });

  test("the grid of a local endpoint is its only bus beside the default one; of several none is chosen", () => {
    expect(onlyGrid(["default", "demo"])).toBe("demo");
    expect(onlyGrid(["default"])).toBeUndefined();
    expect(onlyGrid(["default", "demo", "other"])).toBeUndefined();
  });

  test("an endpoint that is no URL is refused", () => {
    expect(() => chooseCloud("4600", {}, undefined)).toThrow(
      'endpoint "4600" is not a URL such as http://127.0.0.1:4600',
    );
  });
});

describe("the SDK's environment", () => {
  test("of a local grid never holds the user's own credentials", () => {
    expect(environmentFor({ kind: "local", endpoint: "http://127.0.0.1:1" })).toEqual({
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
    });
  });

  test("of AWS is the user's own, unchanged", () => {
    expect(environmentFor({ kind: "aws" })).toEqual({});
  });
});

describe("the file by which commands find the local grid of their folder", () => {
  let state: string;
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), "burstgrid-state-"));
  });
  afterEach(() => rm(state, { recursive: true }));

  test("is read as it was written, and leaves no drafts", async () => {
    await writeEndpointFile(state, running);
    expect(await readEndpointFile(state)).toEqual(running);
    expect(await readdir(state)).toEqual(["endpoint.json"]);
  });

  test("is not there where no grid ran", async () => {
    expect(await readEndpointFile(state)).toBeUndefined();
  });

  test("is removed by the grid that wrote it, not by an earlier one", async () => {
    await writeEndpointFile(state, running);
    await removeEndpointFile(state, running.pid + 1);
    expect(await readEndpointFile(state)).toEqual(running);
    await removeEndpointFile(state, running.pid);
    expect(await readEndpointFile(state)).toBeUndefined();
  });

  test("with something else in it is an error that names it", async () => {
    await writeFile(join(state, "endpoint.json"), '{"endpoint": 4600}');
    await expect(readEndpointFile(state)).rejects.toThrow(`${join(state, "endpoint.json")} is not what`);
  });

  test("counts only while the grid answers", async () => {
    const gateway = await startGateway({ port: 0 });
    const written = { ...running, endpoint: gateway.origin };
    expect(await answers(written)).toBe(true);
    await gateway.close();
    expect(await answers(written)).toBe(false);
  });

  test("does not count when its process is gone, whoever answers at its port now", async () => {
    await using gateway = await closing(startGateway({ port: 0 }));
    expect(await answers({ ...running, endpoint: gateway.origin, pid: 2 ** 30 })).toBe(false);
  });
});

const closing = async <A extends { close(): Promise<void> }>(opening: Promise<A>) => {
  const opened = await opening;
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() });
};
