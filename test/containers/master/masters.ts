import { Effect, Option } from "effect";
import type { Chunk } from "#grid/chunk.ts";
import type { JobRecord } from "#grid/job.ts";
import { Image, type PodOptions, type PodRun } from "./pods.ts";
import { type CallBack, openSmallCloud, type SmallCloud } from "./small-cloud.ts";

interface MasterRun extends PodRun {
  readonly jobId: string;
  /** As the ledger has it afterwards. */
  readonly job: JobRecord;
  /** What was called back with the job's token. */
  readonly answers: readonly CallBack[];
}

/** What is the same in all jobs, unless a test says otherwise. */
const SUBMITTED = {
  state: "SPLITTING",
  priority: "normal",
  submittedAt: "2026-01-01T00:00:00.000Z",
  tags: {},
  deadlineSeconds: 3600,
  succeeded: 0,
  failed: 0,
  taskMilliseconds: 0,
  taskCount: 0,
  rounds: [],
} as const;

/** Jobs in a small cloud, and master pods that work on them. */
export class Masters {
  readonly cloud: SmallCloud;
  readonly image: Image;
  #jobs = 0;

  private constructor(cloud: SmallCloud, image: Image) {
    this.cloud = cloud;
    this.image = image;
  }

  static async open(): Promise<Masters> {
    const [cloud, image] = await Promise.all([openSmallCloud(), Image.build()]);
    return new Masters(cloud, image);
  }

  /** Records a job of an application, unless it is there, and runs a pod of it; by default it splits. */
  async run(
    fields: Partial<JobRecord> & { readonly application: string },
    options: Partial<PodOptions> = {},
  ): Promise<MasterRun> {
    const jobId = fields.jobId ?? `job-${++this.#jobs}`;
    await Effect.runPromise(
      this.cloud.ledger.recordJob({ ...SUBMITTED, executionArn: `arn:${jobId}`, ...fields, jobId }),
    );
    const run = await this.image.run(this.cloud, { phase: "split", ...options, jobId });
    const answers = this.cloud.callBacks.filter(({ taskToken }) => taskToken === `token-${jobId}`);
    return { ...run, jobId, job: await this.job(jobId), answers };
  }

  async job(jobId: string): Promise<JobRecord> {
    return Option.getOrThrow(await Effect.runPromise(this.cloud.ledger.getJob(jobId)));
  }

  text(key: string): Promise<string> {
    return Effect.runPromise(this.cloud.objects.text(key));
  }

  put(key: string, body: string): Promise<void> {
    return Effect.runPromise(this.cloud.objects.put(key, body));
  }

  async tasks({ plan }: JobRecord): Promise<string[]> {
    return (await this.text(plan!.tasksKey)).split("\n").slice(0, -1);
  }

  async chunks({ plan }: JobRecord): Promise<Chunk[]> {
    const lines = (await this.text(plan!.chunksKey)).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  async close(): Promise<void> {
    await this.image[Symbol.asyncDispose]();
    await this.cloud.close();
  }
}
