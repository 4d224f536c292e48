import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { Schema } from "effect";
import { RECOVERY_KEY } from "#grid/vault.ts";

/** How far setting Vault up has come, with what only its first answer holds. */
const RecoveryRecord = Schema.Union([
  /** Written before Vault is initialised: proof that the keys will have a place to go to. */
  Schema.Struct({ state: Schema.Literal("initialising") }),
  /** Until all is set up: the root token. */
  Schema.Struct({
    state: Schema.Literal("initialised"),
    recoveryKeys: Schema.Array(Schema.String),
    rootToken: Schema.String,
  }),
  /** The root token is revoked. Enough of the recovery keys make a new one (`vault operator generate-root`). */
  Schema.Struct({ state: Schema.Literal("complete"), recoveryKeys: Schema.Array(Schema.String) }),
]);
export type RecoveryRecord = typeof RecoveryRecord.Type;

export interface RecoveryStore {
  /** Undefined if there is none. */
  read(): Promise<RecoveryRecord | undefined>;
  write(record: RecoveryRecord): Promise<void>;
}

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(RecoveryRecord));

/** The record as an object of Vault's bucket, encrypted with the key that unseals Vault. */
export function s3RecoveryStore(s3: S3Client, bucket: string): RecoveryStore {
  const place = { Bucket: bucket, Key: RECOVERY_KEY };
  return {
    read: async () => {
      try {
        const { Body } = await s3.send(new GetObjectCommand(place));
        return decode(await Body?.transformToString());
      } catch (error) {
        if ((error as Error).name === "NoSuchKey") return undefined;
        throw error;
      }
    },
    write: async (record) => {
      await s3.send(new PutObjectCommand({ ...place, Body: JSON.stringify(record), ContentType: "application/json" }));
    },
  };
}
