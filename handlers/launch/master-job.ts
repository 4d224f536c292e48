import { Schema } from "effect";
import { ENV } from "#grid/names.ts";

/** Annotation: ARN of the execution that wants the Job. */
export const EXECUTION_ANNOTATION = "burstgrid/execution";

const Condition = Schema.Struct({
  type: Schema.String,
  status: Schema.String,
  reason: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
});

/** What the launcher reads of a `batch/v1` Job; it is sent on with whatever else it has. */
export const MasterJob = Schema.Struct({
  metadata: Schema.Struct({
    name: Schema.String,
    annotations: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  }),
  spec: Schema.Struct({
    template: Schema.Struct({
      spec: Schema.Struct({
        containers: Schema.Array(
          Schema.Struct({
            env: Schema.optionalKey(
              Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.optionalKey(Schema.String) })),
            ),
          }),
        ),
      }),
    }),
  }),
  status: Schema.optionalKey(Schema.Struct({ conditions: Schema.optionalKey(Schema.Array(Condition)) })),
});
export type MasterJob = typeof MasterJob.Type;

/** The callback token that a Job's master was given. */
export const tokenOf = ({ spec }: MasterJob): string | undefined =>
  spec.template.spec.containers.flatMap(({ env = [] }) => env).find(({ name }) => name === ENV.taskToken)?.value;

/** ARN of the execution that wants a Job. */
export const executionOf = ({ metadata }: MasterJob): string | undefined =>
  metadata.annotations?.[EXECUTION_ANNOTATION];

/** `failed`: with what Kubernetes says about it. */
export type Standing =
  | { readonly is: "running" }
  | { readonly is: "complete" }
  | { readonly is: "failed"; readonly why: string };

export function standingOf({ status }: MasterJob): Standing {
  for (const { type, status: holds, reason, message } of status?.conditions ?? []) {
    if (holds !== "True") continue;
    if (type === "Complete") return { is: "complete" };
    if (type === "Failed") return { is: "failed", why: [reason, message].filter(Boolean).join(": ") };
  }
  return { is: "running" };
}
