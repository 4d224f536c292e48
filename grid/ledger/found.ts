import { Effect, Option } from "effect";
import { BrokenRecord } from "../errors.ts";

/** What an Option holds; fails with BrokenRecord, which names `what` is missing, when it holds nothing. */
export const found =
  (what: string) =>
  <A, E>(looked: Effect.Effect<Option.Option<A>, E>): Effect.Effect<A, E | BrokenRecord> =>
    Effect.flatMap(
      looked,
      (option): Effect.Effect<A, BrokenRecord> =>
        Option.isSome(option)
          ? Effect.succeed(option.value)
          : Effect.fail(new BrokenRecord({ message: `${what} is not in the ledger` })),
    );
