import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadGrid } from "#grid/load-config.ts";
import { BundleError } from "#stacks/bundle/bundle-error.ts";
import { type Bundles, bundleGrid } from "#stacks/bundle/bundle-grid.ts";
import { FIXTURE_SOURCES } from "./synthesize-fixture.ts";

const run = promisify(execFile);

/** The config file's folder, alone in another. */
let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "burstgrid-bundle-test-")), "grid");
  await cp("test/fixtures/synth", folder, { recursive: true });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dirname(folder), { recursive: true, force: true });
});

const bundled = async <T>(look: (bundles: Bundles) => Promise<T>): Promise<T> => {
  await using bundles = await bundleGrid(await loadGrid(join(folder, "grid.config.json")), FIXTURE_SOURCES);
  return await look(bundles);
};

/** Relative paths of all files below a folder, with their contents. */
const contentsOf = async (path: string): Promise<Record<string, string>> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.toSorted().map(async (file) => [file.slice(path.length + 1), await readFile(file, "utf8")]);
  return Object.fromEntries(await Promise.all(contents));
};

describe("a function's code", () => {
  it("is one file that runs by itself, and the grid's definition beside it", async () => {
    await bundled(async (bundles) => {
      const code = bundles.handler("dispatch");
      expect(Object.keys(await contentsOf(code))).toEqual(["grid.json", "index.mjs"]);
      const { handler } = await import(pathToFileURL(join(code, "index.mjs")).href);
      expect(await handler({ jobId: "j" })).toEqual({ handler: "dispatch", key: "jobs/j/input.json" });
      expect(JSON.parse(await readFile(join(code, "grid.json"), "utf8"))).toMatchObject({
        name: "demo",
        applications: { sums: { task: { kind: "module", module: "applications/sums/task.mjs" } } },
      });
    });
  });
});

describe("an image's folder", () => {
  it("holds the programs and what the pool's own applications need", async () => {
    await bundled(async (bundles) => {
      expect(Object.keys(await contentsOf(bundles.image("general").path))).toEqual([
        "Dockerfile",
        "app/applications/sums/split.mjs",
        "app/applications/sums/task.mjs",
        "app/files/data/prices.csv",
        "app/grid.json",
        "app/master.mjs",
        "app/task-thread.mjs",
        "app/worker.mjs",
      ]);
      expect(Object.keys(await contentsOf(bundles.image("python").path))).toEqual([
        "Dockerfile",
        "app/files/data/words.py",
        "app/grid.json",
        "app/master.mjs",
        "app/task-thread.mjs",
        "app/worker.mjs",
      ]);
    });
  });

  it("holds user modules that run by themselves", async () => {
    await bundled(async (bundles) => {
      const module = join(bundles.image("general").path, "app/applications/sums/task.mjs");
      const { handler } = await import(pathToFileURL(module).href);
      expect(await handler({ index: 4 })).toBe(5);
    });
  });

  it("is the same to the byte for the same sources", async () => {
    const look = async (bundles: Bundles) => [
      await contentsOf(bundles.image("general").path),
      await contentsOf(bundles.handler("accept")),
    ];
    expect(await bundled(look)).toEqual(await bundled(look));
  });

  it("takes a pool's base image as the build argument BASE", async () => {
    await bundled(async (bundles) => {
      expect(bundles.image("python").buildArgs).toEqual({ BASE: "python:3" });
      expect(bundles.image("general").buildArgs).toEqual({});
    });
  });

  it("takes a pool's own Dockerfile in place of the worker's", async () => {
    await writeFile(join(folder, "Own.Dockerfile"), "FROM scratch\n");
    await rewriteConfig((text) => text.replace('"base": "python:3"', '"dockerfile": "Own.Dockerfile"'));
    await bundled(async (bundles) => {
      const { Dockerfile } = await contentsOf(bundles.image("python").path);
      expect(Dockerfile).toBe("FROM scratch\n");
      expect(bundles.inputs).toContain(join(folder, "Own.Dockerfile"));
    });
  });
});

describe("user modules", () => {
  it("may import the packages of their own folder", async () => {
    await mkdir(join(folder, "node_modules/plus-ten"), { recursive: true });
    await writeFile(join(folder, "node_modules/plus-ten/package.json"), '{"name":"plus-ten","main":"index.cjs"}');
    await writeFile(
      join(folder, "node_modules/plus-ten/index.cjs"),
      "const os = require('node:os'); module.exports = (n) => n + 10 + 0 * os.cpus().length;",
    );
    await writeFile(
      join(folder, "task.ts"),
      'import plusTen from "plus-ten";\nexport const handler = async (n: number) => plusTen(n);\n',
    );
    await bundled(async (bundles) => {
      const module = join(bundles.image("general").path, "app/applications/sums/task.mjs");
      const script = `import { handler } from ${JSON.stringify(pathToFileURL(module).href)}; console.log(await handler(1));`;
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: tmpdir() });
      expect(stdout).toBe("11\n");
    });
  });

  it("may be CommonJS", async () => {
    await writeFile(join(folder, "task.cjs"), "exports.handler = async (task) => task.index;\n");
    await rewriteConfig((text) => text.replace("./task.ts", "./task.cjs"));
    await bundled(async (bundles) => {
      const module = join(bundles.image("general").path, "app/applications/sums/task.mjs");
      const { handler } = await import(pathToFileURL(module).href);
      expect(await handler({ index: 4 })).toBe(4);
    });
  });

  it("are named, with their role and path, when they are not there", async () => {
    await rm(join(folder, "split.ts"));
    await expectProblem(`applications.sums.split: there is no file ${join(folder, "split.ts")}`);
  });

  it("are named when they lack the export of their role", async () => {
    await writeFile(join(folder, "task.ts"), "export const handle = async () => 1;\n");
    await expectProblem(`applications.sums.task.handler: ${join(folder, "task.ts")} does not export \`handler\``);
  });

  it("are named with line and column when they cannot be parsed", async () => {
    await writeFile(join(folder, "task.ts"), "export const handler = async () => 1;\nexport const = 2;\n");
    await expectProblem(/task\.ts:2:14: Expected identifier/);
  });

  it("are named when they import what is not there", async () => {
    await writeFile(
      join(folder, "task.ts"),
      'import x from "no-such-package";\nexport const handler = async () => x;\n',
    );
    await expectProblem(/task\.ts:1:15: Could not resolve "no-such-package"/);
  });
});

describe("user files", () => {
  it("are missed by name when a glob matches none", async () => {
    await rm(join(folder, "data/prices.csv"));
    await expectProblem(`applications.sums.files: no file below ${folder} matches "data/*.csv"`);
  });

  it("may not lie outside the config file's folder", async () => {
    await writeFile(join(dirname(folder), "outside.txt"), "");
    await rewriteConfig((text) => text.replace("data/*.csv", "../*.txt"));
    await expectProblem(`applications.sums.files: "../*.txt" leaves the config file's folder ${folder}`);
  });
});

it("nothing is left in the temporary folder, whether bundling fails or not", async () => {
  const temporary = join(dirname(folder), "temporary");
  await mkdir(temporary);
  vi.stubEnv("TMPDIR", temporary);
  // Found while the functions are still being bundled.
  await rm(join(folder, "split.ts"));
  await expectProblem(/no file/);
  await cp("test/fixtures/synth/split.ts", join(folder, "split.ts"));
  await bundled(async (bundles) => expect(bundles.handler("accept")).toContain(temporary));
  await rm(join(folder, "data/prices.csv"));
  await expectProblem(/no file/);
  expect(await readdir(temporary)).toEqual([]);
});

const rewriteConfig = async (change: (text: string) => string) => {
  const config = join(folder, "grid.config.json");
  await writeFile(config, change(await readFile(config, "utf8")));
};

const expectProblem = async (message: string | RegExp) => {
  const failure = bundled(async () => undefined);
  await expect(failure).rejects.toThrow(BundleError);
  await expect(failure).rejects.toThrow(message);
};
