import type { ApplicationDefinition } from "#grid/definition.ts";

export interface CommandFacts {
  readonly jobId: string;
  /** The job's folder on the shared file system. */
  readonly shared: string;
  /** Of a task; a split or a merge has neither. */
  readonly index?: number;
  readonly attempt?: number;
}

/** The grid's own: a pod's credentials, callback token and settings are not the user's. */
const WITHHELD = /^(?:AWS|BURSTGRID|KUBERNETES)_/;

/**
 * The environment of a user's command: what its image set (PATH, HOME, LANG …), without variables that begin with AWS_, BURSTGRID_ or
 * KUBERNETES_; over it the application's `env`; over that the facts about the job and the task.
 */
export function commandEnvironment(
  own: NodeJS.ProcessEnv,
  application: ApplicationDefinition,
  { jobId, shared, index, attempt }: CommandFacts,
): NodeJS.ProcessEnv {
  const image = Object.entries(own).filter(([name]) => !WITHHELD.test(name));
  return {
    ...Object.fromEntries(image),
    ...application.env,
    BURSTGRID_JOB_ID: jobId,
    BURSTGRID_APPLICATION: application.name,
    BURSTGRID_SHARED: shared,
    ...(index !== undefined && { BURSTGRID_TASK_INDEX: `${index}` }),
    ...(attempt !== undefined && { BURSTGRID_ATTEMPT: `${attempt}` }),
  };
}
