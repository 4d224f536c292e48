import { resolve } from "node:path";

/** The folder of Burstgrid itself: its handlers, containers and state machine lie here, wherever the config file does. */
export const PROJECT = resolve(import.meta.dirname, "../..");
