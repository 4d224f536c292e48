import { CfnRegistry, CfnSchema } from "aws-cdk-lib/aws-eventschemas";
import { Construct } from "constructs";
import { Schema } from "effect";
import {
  DETAIL_TYPES,
  EVENT_SOURCE,
  JobCancelled,
  JobFailed,
  JobProgressed,
  JobRequest,
  JobStarted,
  JobSucceeded,
} from "#grid/events.ts";
import { draft4, type JsonSchema } from "./draft-4.ts";

const DETAILS: Readonly<Record<keyof typeof DETAIL_TYPES, Schema.Top>> = {
  requested: JobRequest,
  started: JobStarted,
  progressed: JobProgressed,
  succeeded: JobSucceeded,
  failed: JobFailed,
  cancelled: JobCancelled,
};

/** The grid's events in EventBridge's schema registry, so that producers and consumers can generate code from them. */
export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string, { grid }: { readonly grid: string }) {
    super(scope, id);
    const registry = new CfnRegistry(this, "Registry", {
      registryName: grid,
      description: `Events of the grid "${grid}"`,
    });
    for (const [name, detail] of Object.entries(DETAILS) as [keyof typeof DETAIL_TYPES, Schema.Top][]) {
      const detailType = DETAIL_TYPES[name];
      new CfnSchema(this, name, {
        registryName: registry.attrRegistryName,
        // The name that EventBridge's own discovery would give it.
        schemaName: `${EVENT_SOURCE}@${detailType.replaceAll(" ", "")}`,
        description: detailType,
        type: "JSONSchemaDraft4",
        content: JSON.stringify(eventSchema(detailType, detail)),
      });
    }
  }
}

/**
 * The JSON Schema (draft 4) of a whole event, as a target receives it. Throws an Error for a detail with definitions of its own or a
 * keyword unknown to draft 4.
 */
export function eventSchema(detailType: string, detail: Schema.Top): JsonSchema {
  const { schema, definitions } = Schema.toJsonSchemaDocument(detail);
  const named = Object.keys(definitions);
  if (named.length > 0) throw new Error(`the detail of ${detailType} refers to ${named.join(", ")}: write it out`);
  const text = { type: "string" };
  return {
    $schema: "http://json-schema.org/draft-04/schema#",
    title: detailType,
    type: "object",
    required: ["detail-type", "source", "detail", "id", "time", "account", "region", "resources", "version"],
    properties: {
      "detail-type": { type: "string", enum: [detailType] },
      source: text,
      id: text,
      time: { type: "string", format: "date-time" },
      account: text,
      region: text,
      version: text,
      resources: { type: "array", items: text },
      detail: draft4(schema),
    },
  };
}
