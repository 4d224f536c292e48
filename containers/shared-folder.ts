import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** A job's folder on the shared file system, which is made when it is not there: `context.shared` and `BURSTGRID_SHARED`. */
export function sharedFolderOf(mount: string, jobId: string): string {
  const folder = join(mount, "jobs", jobId);
  mkdirSync(folder, { recursive: true });
  return folder;
}
