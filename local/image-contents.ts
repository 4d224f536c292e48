import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { FILES_FOLDER, IMAGE_FOLDER } from "#grid/names.ts";
import type { Assembly } from "./deploy/index.ts";

const FILES = FILES_FOLDER.slice(IMAGE_FOLDER.length + 1);

/**
 * A folder for each image that stands for its /app: links to what the image was bundled from, and `files` is the config file's own
 * folder, so that programs run there, see files that no glob names yet, and write beside them.
 */
export function imageContents(options: {
  readonly assembly: Assembly;
  /** Where the folders are made; what an earlier run left there is removed. */
  readonly folder: string;
  /** The config file's folder. */
  readonly files: string;
}): (image: string) => string {
  rmSync(options.folder, { recursive: true, force: true });
  const made = new Map<string, string>();
  return (image) => {
    const known = made.get(image);
    if (known !== undefined) return known;
    const bundle = join(options.assembly.image(image), "app");
    const contents = join(options.folder, `${made.size}`);
    mkdirSync(contents, { recursive: true });
    for (const entry of readdirSync(bundle)) {
      if (entry !== FILES) symlinkSync(join(bundle, entry), join(contents, entry));
    }
    symlinkSync(options.files, join(contents, FILES));
    made.set(image, contents);
    return contents;
  };
}
