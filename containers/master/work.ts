import type { ApplicationDefinition } from "#grid/definition.ts";
import type { JobRecord } from "#grid/job.ts";
import type { Logger } from "../log.ts";
import type { JobContext } from "./context.ts";
import type { MasterSettings } from "./settings.ts";

/** What a phase works on and with. */
export interface Work {
  readonly settings: MasterSettings;
  readonly job: JobRecord;
  readonly application: ApplicationDefinition;
  /** Holds the applications' bundles. */
  readonly appFolder: string;
  readonly context: JobContext;
  readonly log: Logger;
}
