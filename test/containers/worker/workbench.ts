import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { Effect } from "effect";
import { vi } from "vitest";
import { jsonLogger } from "#containers/log.ts";
import { outputStore } from "#containers/worker/output-store.ts";
import { PackMetrics } from "#containers/worker/pack-metrics.ts";
import { Slots } from "#containers/worker/slots.ts";
import { TaskQueues } from "#containers/worker/task-queues.ts";
import { Worker } from "#containers/worker/worker.ts";
import { decodeCompletion, type ResultRow, type SectionHeader } from "#grid/completion.ts";
import { decodePack, encodePack, type Pack, type PackHeader } from "#grid/message.ts";
import {
  COMPLETION_LANES,
  type CompletionLane,
  completionQueueName,
  ENV,
  PRIORITIES,
  type Priority,
  taskQueueName,
} from "#grid/names.ts";
import { makeObjects, type ObjectsShape } from "#grid/objects.ts";
import { makeQueues } from "#grid/queues.ts";
import { countOf } from "#grid/ranges.ts";
import { type Gateway, startGateway } from "#local/gateway.ts";
import { openObjects } from "#local/objects.ts";
import { openQueues, type Queues } from "#local/queues.ts";
import type { WorkerImage } from "./worker-image.ts";

const GRID = "grid";
const POOL = "general";
const BUCKET = "grid-bucket";
const NEVER = 4_102_444_800_000;

/** A section of a completion. */
export interface Report extends SectionHeader {
  readonly lane: CompletionLane;
  /** Without their newlines. */
  readonly rows: readonly string[];
}

/** What a worker speaks to: queues and a bucket on loopback. Each test has its own. */
export class Workbench implements AsyncDisposable {
  readonly folder: string;
  /** Actions of SQS in the order in which they came in. */
  readonly actions: string[] = [];
  /** Log of workers in this process. */
  readonly lines: string[] = [];
  /** Says of a call, by its action, whether it is answered with an error. */
  fails: (action: string) => boolean = () => false;
  readonly #gateway: Gateway;
  readonly #queues: Queues;
  readonly #stores: { close(): void };
  readonly #objects: ObjectsShape;
  readonly #sqs: SQSClient;
  readonly #s3: S3Client;
  readonly #workers: TestWorker[] = [];

  private constructor(folder: string, gateway: Gateway) {
    this.folder = folder;
    this.#gateway = gateway;
    this.#queues = openQueues({ gateway });
    this.#stores = openObjects({ gateway, folder: join(folder, "objects") });
    const client = { endpoint: gateway.origin, region: "us-east-1" };
    this.#sqs = new SQSClient(client);
    this.#s3 = new S3Client({ ...client, forcePathStyle: true });
    this.#objects = makeObjects(this.#s3, BUCKET);
    const { endpoint } = this.#queues;
    gateway.route("sqs", {
      handle: (request, response) => {
        const action = actionOf(request);
        if (isWorker(request)) {
          this.actions.push(action);
          if (this.fails(action)) return void response.writeHead(500).end("{}");
        }
        return endpoint.handle(request, response);
      },
    });
  }

  static async open(): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), "burstgrid-workbench-"));
    const bench = new Workbench(folder, await startGateway({ port: 0 }));
    const names = [
      ...PRIORITIES.map((priority) => taskQueueName(GRID, POOL, priority)),
      ...COMPLETION_LANES.map((lane) => completionQueueName(GRID, lane)),
    ];
    for (const QueueName of names) {
      await bench.#sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "30" } }));
    }
    await bench.#s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    return bench;
  }

  startWorker(image: WorkerImage, { slots = 1 }: { readonly slots?: number } = {}): TestWorker {
    const worker = new TestWorker(image.folder, {
      PATH: process.env["PATH"],
      HOME: this.folder,
      AWS_ENDPOINT_URL: this.#gateway.origin,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "secret-id",
      AWS_SECRET_ACCESS_KEY: "secret",
      [ENV.grid]: GRID,
      [ENV.pool]: POOL,
      [ENV.bucket]: BUCKET,
      [ENV.slots]: `${slots}`,
      [ENV.sharedFolder]: join(this.folder, "shared"),
      [ENV.podUid]: "pod-1",
    });
    this.#workers.push(worker);
    return worker;
  }

  /** A worker in this process, so that a test need not wait as long as a pod may. */
  worker(image: WorkerImage, graceMs: number): Worker {
    const { folder: imageFolder, definition } = image;
    const queues = makeQueues(this.#sqs);
    const write = (line: string) => void this.lines.push(line);
    const log = jsonLogger(write);
    const giveUp = new AbortController();
    const sharedFolder = join(this.folder, "shared");
    const { applications } = definition;
    const store = outputStore(this.#objects, { giveUp: giveUp.signal, log });
    const options = { imageFolder, applications, sharedFolder, heapMiB: 256, write, log, store };
    const slots = new Slots(1, new URL(`file://${join(imageFolder, "task-thread.mjs")}`), options);
    const taskQueues = new TaskQueues(this.#sqs, queues, GRID, POOL);
    const metrics = new PackMetrics({ grid: GRID, pool: POOL, write });
    return new Worker({ definition, pool: POOL, taskQueues, queues, slots, log, metrics, graceMs, giveUp });
  }

  /** Sends tasks as one pack; without more, of job j, chunk c0, in the fast lane. */
  async send(application: string, tasks: readonly unknown[], header: Partial<PackHeader> = {}): Promise<void> {
    const full: PackHeader = {
      v: 1,
      job: "j",
      application,
      chunk: "c0",
      epoch: 0,
      attempt: 1,
      indexes: [[0, tasks.length - 1]],
      lane: "fast",
      priority: "normal",
      deadline: NEVER,
      ...header,
    };
    await this.sendBody(
      encodePack(
        full,
        tasks.map((task) => JSON.stringify(task)),
      ),
      full.priority,
    );
  }

  async sendBody(MessageBody: string, priority: Priority = "normal"): Promise<void> {
    await this.#sqs.send(
      new SendMessageCommand({ QueueUrl: this.#url(taskQueueName(GRID, POOL, priority)), MessageBody }),
    );
  }

  /** Takes completions until they tell the outcomes of `count` tasks. */
  async reports(count: number, lane: CompletionLane = "fast"): Promise<Report[]> {
    const reports: Report[] = [];
    const seen = () => reports.reduce((sum, { ok, failed }) => sum + countOf(ok) + countOf(failed), 0);
    while (seen() < count) {
      for (const body of await this.#take(completionQueueName(GRID, lane))) {
        reports.push(
          ...decodeCompletion(body).map(({ header, rows }) => ({
            ...header,
            lane,
            rows: rows.split("\n").slice(0, -1),
          })),
        );
      }
    }
    return reports;
  }

  /** Rows of `count` tasks by their index. */
  async results(count: number, lane: CompletionLane = "fast"): Promise<ResultRow[]> {
    const rows = (await this.reports(count, lane)).flatMap((report) => report.rows);
    return rows.map((row) => JSON.parse(row) as ResultRow).sort((a, b) => a.index - b.index);
  }

  objectText(uri: string): Promise<string> {
    return Effect.runPromise(this.#objects.text(uri));
  }

  sharedFile(job: string, name: string): Promise<string> {
    return readFile(join(this.folder, "shared/jobs", job, name), "utf8");
  }

  writeShared(job: string, name: string): Promise<void> {
    return writeFile(join(this.folder, "shared/jobs", job, name), "");
  }

  /** The next packs of a queue of tasks, taken out of it. */
  async takePacks(priority: Priority = "normal"): Promise<Pack[]> {
    for (;;) {
      const bodies = await this.#take(taskQueueName(GRID, POOL, priority));
      if (bodies.length > 0) return bodies.map(decodePack);
    }
  }

  /** Packs that wait in a queue of tasks now, taken out of it. */
  async waitingPacks(priority: Priority = "normal"): Promise<Pack[]> {
    const packs: Pack[] = [];
    while (this.depth(priority).visible > 0) {
      packs.push(...(await this.takePacks(priority)));
    }
    return packs;
  }

  depth(priority: Priority = "normal") {
    return this.#queues.depth(this.#url(taskQueueName(GRID, POOL, priority)));
  }

  /** Settles when no message of any task queue is left, received or not. */
  async emptied(): Promise<void> {
    await vi.waitFor(
      () => {
        for (const priority of PRIORITIES) {
          const { visible, inFlight, delayed } = this.depth(priority);
          if (visible + inFlight + delayed > 0) throw new Error(`${priority}: ${visible} + ${inFlight} + ${delayed}`);
        }
      },
      { timeout: 30_000 },
    );
  }

  /** Refuses all connections from now on. */
  closeEndpoint(): Promise<void> {
    return this.#gateway.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) await worker.kill();
    this.#sqs.destroy();
    this.#s3.destroy();
    this.#queues.close();
    this.#stores.close();
    await this.#gateway.close().catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #take(queue: string): Promise<string[]> {
    const QueueUrl = this.#url(queue);
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length > 0) {
      const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: `${n}`, ReceiptHandle }));
      await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
    return Messages.map(({ Body }) => Body!);
  }

  #url(name: string): string {
    return `${this.#gateway.origin}/000000000000/${name}`;
  }
}

const actionOf = (request: IncomingMessage) => `${request.headers["x-amz-target"]}`.replace("AmazonSQS.", "");
const isWorker = (request: IncomingMessage) => `${request.headers.authorization}`.includes("Credential=secret-id/");

/** A worker in a process of its own. */
export class TestWorker {
  /** Its log, a line each. */
  readonly lines: Record<string, unknown>[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(imageFolder: string, env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, [join(imageFolder, "worker.mjs")], {
      cwd: join(imageFolder, "files"),
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    this.#ended = once(child, "exit").then(([code]) => code as number | null);
    createInterface(child.stdout).on("line", (line) => this.lines.push(JSON.parse(line)));
  }

  /** Settles when a log line has this message. */
  logged(message: string): Promise<Record<string, unknown>> {
    return vi.waitFor(
      () => {
        const line = this.lines.find((each) => each["message"] === message);
        if (line === undefined) throw new Error(`not logged: ${message}; but ${JSON.stringify(this.lines)}`);
        return line;
      },
      { timeout: 20_000 },
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code, and the milliseconds from the signal to its end. */
  async drain(signal: NodeJS.Signals = "SIGTERM"): Promise<{ readonly code: number | null; readonly ms: number }> {
    const begun = performance.now();
    this.signal(signal);
    return { code: await this.#ended, ms: performance.now() - begun };
  }

  ended(): Promise<number | null> {
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended;
  }
}
