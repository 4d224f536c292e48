import { Config } from "effect";
import { ENV } from "#grid/names.ts";

/** What the state that started this pod tells it. */
export const masterSettings = Config.all({
  jobId: Config.NonEmptyString(ENV.jobId),
  phase: Config.Literals(["split", "index", "merge"], ENV.phase),
  /** Callback token of that state. */
  token: Config.NonEmptyString(ENV.taskToken),
  podUid: Config.NonEmptyString(ENV.podUid),
  /** Mount point of the shared file system. */
  sharedFolder: Config.NonEmptyString(ENV.sharedFolder),
});
export type MasterSettings = Config.Success<typeof masterSettings>;
