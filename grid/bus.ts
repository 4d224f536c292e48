import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { Context, Effect, Layer, Schema } from "effect";
import { AwsError, CLIENT_TUNING, call } from "./aws.ts";
import {
  DETAIL_TYPES,
  EVENT_SOURCE,
  JobCancelled,
  JobFailed,
  JobProgressed,
  JobRequest,
  JobStarted,
  JobSucceeded,
} from "./events.ts";
import { settings } from "./settings.ts";

/** The events that the grid publishes, each with the Schema of its detail. */
const PUBLISHED = {
  [DETAIL_TYPES.requested]: JobRequest,
  [DETAIL_TYPES.started]: JobStarted,
  [DETAIL_TYPES.progressed]: JobProgressed,
  [DETAIL_TYPES.succeeded]: JobSucceeded,
  [DETAIL_TYPES.failed]: JobFailed,
  [DETAIL_TYPES.cancelled]: JobCancelled,
} as const;
type Published = typeof PUBLISHED;

export interface GridBusShape {
  /** Puts one event on the grid's bus. Fails when the bus did not take it. */
  publish<Type extends keyof Published>(
    detailType: Type,
    detail: Published[Type]["Type"],
  ): Effect.Effect<void, AwsError>;
}

/** The grid's event bus, for those who publish. */
export class GridBus extends Context.Service<GridBus, GridBusShape>()("grid/GridBus") {
  static readonly layer = Layer.effect(
    GridBus,
    Effect.map(settings.bus, (bus) => makeGridBus(new EventBridgeClient(CLIENT_TUNING), bus)),
  );
}

function makeGridBus(events: EventBridgeClient, bus: string): GridBusShape {
  return {
    publish: Effect.fnUntraced(function* (detailType, detail) {
      const schema: Schema.Codec<unknown, unknown> = PUBLISHED[detailType];
      const entry = {
        EventBusName: bus,
        Source: EVENT_SOURCE,
        DetailType: detailType,
        Detail: JSON.stringify(Schema.encodeUnknownSync(schema)(detail)),
      };
      const { FailedEntryCount, Entries } = yield* call("EventBridge.PutEvents", (abortSignal) =>
        events.send(new PutEventsCommand({ Entries: [entry] }), { abortSignal }),
      );
      const [result] = Entries ?? [];
      if (FailedEntryCount === 0 || result?.ErrorCode === undefined) return;
      return yield* new AwsError({
        operation: "EventBridge.PutEvents",
        code: result.ErrorCode,
        detail: `${detailType} was not taken by the bus ${bus}: ${result.ErrorMessage ?? ""}`,
        cause: result,
      });
    }),
  };
}
