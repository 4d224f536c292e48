import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { DETAIL_TYPES, EVENT_SOURCE } from "#grid/events.ts";
import { CliError } from "./errors.ts";
import type { JobRequestDetail } from "./request.ts";

/** Puts one `Grid Job Requested` on the bus; returns the event's id. */
export async function putRequest(bus: string, detail: JobRequestDetail): Promise<string> {
  const client = new EventBridgeClient({});
  const { FailedEntryCount, Entries } = await client.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: bus,
          Source: EVENT_SOURCE,
          DetailType: DETAIL_TYPES.requested,
          Detail: JSON.stringify(detail),
          Time: new Date(),
        },
      ],
    }),
  );
  const [entry] = Entries ?? [];
  if (FailedEntryCount !== 0 || entry?.EventId === undefined) {
    throw new CliError(`the bus "${bus}" did not take the request: ${entry?.ErrorCode}: ${entry?.ErrorMessage}`);
  }
  return entry.EventId;
}
