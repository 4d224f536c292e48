import { Effect, Option } from "effect";
import type { LedgerShape } from "../ledger.ts";
import type { Table } from "./table.ts";

type Applications = Pick<LedgerShape, "taskSeconds" | "recordTaskTime">;

const applicationKey = (application: string) => `app#${application}`;

/** What was measured of applications, whatever the job. */
export function makeApplications(table: Table): Applications {
  const taskSeconds: Applications["taskSeconds"] = (application) =>
    Effect.map(table.get(applicationKey(application)), (item) =>
      Option.flatMap(item, ({ taskSeconds: seconds }) =>
        seconds?.N === undefined ? Option.none() : Option.some(Number(seconds.N)),
      ),
    );

  return {
    taskSeconds,
    recordTaskTime: Effect.fnUntraced(function* (application, seconds) {
      const known = yield* taskSeconds(application);
      // Two that write at once lose one of two measurements, which the next one makes up for.
      yield* table.update(applicationKey(application), {
        update: "SET #application = :application, #taskSeconds = :seconds",
        values: { application, seconds: Option.isSome(known) ? (known.value + seconds) / 2 : seconds },
      });
    }),
  };
}
