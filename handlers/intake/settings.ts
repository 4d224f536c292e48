import { Config } from "effect";
import { ENV } from "#grid/names.ts";

/** Of the intake alone. */
export const intakeSettings = {
  /** An https URL, `none`, or empty, which Config takes for absent: see Authority. */
  issuer: Config.withDefault(Config.String(ENV.intakeIssuer), ""),
  /** Read with an issuer's URL only. */
  audience: Config.NonEmptyString(ENV.intakeAudience),
  applicationsClaim: Config.NonEmptyString(ENV.intakeApplicationsClaim),
} as const;
