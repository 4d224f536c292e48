import { Schema } from "effect";

/** Settings of the vault stack. */
export const VaultConfig = Schema.Struct({});
export type VaultConfig = typeof VaultConfig.Type;
