import { Clock, Effect, Option, Schedule } from "effect";
import type { AwsError } from "#grid/aws.ts";
import { Definition } from "#grid/definition-file.ts";
import { BrokenRecord, MASTER_ERRORS } from "#grid/errors.ts";
import type { JobRecord } from "#grid/job.ts";
import { Ledger } from "#grid/ledger.ts";
import { type CallBack, StepFunctions } from "#grid/step-functions.ts";
import type { MasterOutput } from "#state-machines/payloads.ts";
import type { Logger } from "../log.ts";
import { sharedFolderOf } from "../shared-folder.ts";
import type { TextTail } from "../text-tail.ts";
import { deadlineOf } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { isClaimed, PHASES } from "./phases.ts";
import type { MasterSettings } from "./settings.ts";
import type { UserFailure } from "./user-failure.ts";
import { strayError } from "./user-module.ts";
import type { Work } from "./work.ts";

export interface MasterOptions {
  readonly settings: MasterSettings;
  /** Holds the applications' bundles. */
  readonly appFolder: string;
  /** Aborted when the pod is told to end. */
  readonly signal: AbortSignal;
  /** Of this process, for the cause of a failure. */
  readonly stderr: TextTail;
  readonly log: Logger;
}

/**
 * Does a phase of a job once, then ends the state that waits for it. The first pod to finish claims the phase in the ledger; a pod that
 * finds it claimed only ends the state, which makes up for one that died in between. Returns the exit code. What fails is for Kubernetes
 * to try again.
 */
export const master = Effect.fn("master")(function* (options: MasterOptions) {
  const { settings, log } = options;
  const { jobId, phase, token } = settings;
  const states = yield* StepFunctions;
  const ended = yield* Effect.result(doOnce(options));
  if (ended._tag === "Success") {
    yield* answer(log, states.sendTaskSuccess(token, { jobId, phase } satisfies typeof MasterOutput.Type));
    return EXIT.done;
  }
  const failure = ended.failure;
  if (failure._tag === "AwsError" || options.signal.aborted) return yield* Effect.fail(failure);
  const { name, cause } = reportOf(failure, options);
  log.error("the phase failed", { error: name, cause });
  const answered = yield* answer(log, states.sendTaskFailure(token, name, cause));
  return answered === "gone" ? EXIT.done : EXIT.userFailure;
});

const doOnce = Effect.fnUntraced(function* (options: MasterOptions) {
  const { settings, log } = options;
  const job = Option.getOrUndefined(yield* (yield* Ledger).getJob(settings.jobId));
  if (job === undefined) {
    return yield* new BrokenRecord({
      message: `job ${settings.jobId} is to ${settings.phase}, but is not in the ledger`,
    });
  }
  if (isClaimed(settings.phase, job)) return log.info("an earlier pod has done this phase");
  const work = yield* workOf(job, options);
  const stray = Effect.tryPromise({
    try: () => strayError(`${settings.phase} of ${job.application}`),
    catch: asFailure,
  });
  yield* Effect.raceFirst(PHASES[settings.phase](work), stray);
});

const asFailure = (cause: unknown) => cause as UserFailure;

const workOf = Effect.fnUntraced(function* (job: JobRecord, { settings, appFolder, signal, log }: MasterOptions) {
  const application = (yield* Definition).applications[job.application];
  if (application === undefined) {
    return yield* new BrokenRecord({ message: `job ${job.jobId}: this grid has no application ${job.application}` });
  }
  const context = {
    jobId: job.jobId,
    application: job.application,
    signal,
    shared: sharedFolderOf(settings.sharedFolder, job.jobId),
    logger: log,
    deadline: deadlineOf(job, yield* Clock.currentTimeMillis),
  };
  return { settings, job, application, appFolder, context, log } satisfies Work;
});

const reportOf = (failure: UserFailure | BrokenRecord, { settings, stderr }: MasterOptions) => {
  if (failure._tag === "Grid.BrokenRecord") return { name: failure._tag, cause: failure.message };
  const tail = stderr.toString();
  return {
    name: MASTER_ERRORS[settings.phase],
    cause: tail === "" ? failure.message : `${failure.message}\nstderr ends with:\n${tail}`,
  };
};

/** Some 100 s in all: the work is done, and only this call is missing. */
const ANSWER_BACKOFF = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("20 seconds")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 10 }),
);

const answer = (log: Logger, sent: Effect.Effect<CallBack, AwsError>) =>
  sent.pipe(
    Effect.tapError((error) => Effect.sync(() => log.warn("the state did not take the answer", { error }))),
    Effect.retry(ANSWER_BACKOFF),
    Effect.tap((taken) =>
      Effect.sync(() => {
        if (taken === "gone") log.warn("nobody waits for this pod: the state is over, or was begun again");
      }),
    ),
  );
