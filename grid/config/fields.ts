import { Duration, Effect, Option, Schema } from "effect";

/** Building blocks of the config's Schemas. */

/** A field that may be left out; `value`, in the form a user writes it, takes its place. */
export const withDefault = <S extends Schema.Constraint>(
  schema: S,
  value: S["Encoded"],
): Schema.withDecodingDefaultKey<S> => Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema);

export const DurationText = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter(
      (text) =>
        Option.isSome(Duration.fromInput(text as Duration.Input)) ||
        'expected a duration such as "90 seconds" or "2 hours"',
    ),
  ),
);

export const Name = Schema.String.check(
  Schema.isPattern(/^[a-z][a-z0-9-]{0,39}$/, {
    message: "expected a name of 1 to 40 lower-case letters, digits and hyphens, a letter first",
  }),
);

export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
export const Positive = Schema.Int.check(Schema.isGreaterThan(0));

/** How long CloudWatch keeps a log group's events, in days: it takes no other numbers (PutRetentionPolicy). */
export const LogDays = Schema.Literals([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653,
]);

/** Twelve digits. */
export const AccountId = Schema.String.check(
  Schema.isPattern(/^\d{12}$/, { message: "expected an AWS account id of 12 digits" }),
);

/** What a DurationText comes to, in seconds. */
export const secondsOf = (text: string): number => Duration.toSeconds(Duration.fromInputUnsafe(text as Duration.Input));
