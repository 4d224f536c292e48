/** Where `up` keeps everything unless told otherwise, and where the other commands look for a local grid. */
export const DEFAULT_STATE = ".burstgrid";

/** Of `up`, on 127.0.0.1. */
export const DEFAULT_PORT = 4600;

export const DEFAULT_CONFIG = "grid.config.ts";
