import { Schema } from "effect";

/** Settings of the cluster stack. */
export const ClusterConfig = Schema.Struct({});
export type ClusterConfig = typeof ClusterConfig.Type;
