#!/usr/bin/env node
// The command `burstgrid`, on Node 24 whatever Node the machine has.
import { fileURLToPath } from "node:url";
import { runOnNode24 } from "./node24.mjs";

runOnNode24(fileURLToPath(new URL("../cli/main.ts", import.meta.url)), process.argv.slice(2));
