import { Schema } from "effect";

/** The API server could not be reached, or had no time: the state tries again. */
export class KubernetesUnavailable extends Schema.TaggedError<KubernetesUnavailable>()("Kubernetes.Unavailable", {
  message: Schema.String,
}) {}

/** The API server refused a request: forbidden, invalid, over quota. */
export class KubernetesRefused extends Schema.TaggedError<KubernetesRefused>()("Kubernetes.Refused", {
  message: Schema.String,
}) {}

/** A master's Job failed before the master itself could tell: evicted too often, out of memory, no image. */
export const MASTER_FAILED = "Grid.MasterFailed";
