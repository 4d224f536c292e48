import { Schema } from "effect";

/** Settings of the intake stack. */
export const IntakeConfig = Schema.Struct({});
export type IntakeConfig = typeof IntakeConfig.Type;
