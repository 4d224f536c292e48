import { LOCAL_CREDENTIALS, REGION } from "../names.ts";

/** Settings of an SDK client that talks to the local cloud. */
export const localClient = (origin: string) => ({ endpoint: origin, region: REGION, credentials: LOCAL_CREDENTIALS });
