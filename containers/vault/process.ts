import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { S3Client } from "@aws-sdk/client-s3";
import { Effect, Schema } from "effect";
import { SNAPSHOT_ROLE, VaultPlan } from "#grid/vault.ts";
import { jsonLogger, type Logger } from "../log.ts";
import { bootstrap } from "./bootstrap.ts";
import { renewCertificates } from "./certificate-objects.ts";
import { kubernetesApi } from "./kubernetes-api.ts";
import { logIn } from "./login.ts";
import { s3RecoveryStore } from "./recovery-record.ts";
import { bootstrapSettings, certificateSettings, snapshotSettings } from "./settings.ts";
import { takeSnapshot } from "./snapshot.ts";
import { vaultClient } from "./vault-client.ts";

const PROGRAMS: Readonly<Record<string, (log: Logger) => Promise<unknown>>> = {
  certificates: async (log) => {
    const { names, trustedIn } = await Effect.runPromise(certificateSettings);
    return renewCertificates({
      kubernetes: kubernetesApi(),
      names: names.split(","),
      trustedIn: trustedIn.split(","),
      now: new Date(),
      log,
    });
  },
  bootstrap: async (log) => {
    const { address, bucket, planFile, tokenFile } = await Effect.runPromise(bootstrapSettings);
    return bootstrap({
      vault: vaultClient(address),
      recovery: s3RecoveryStore(new S3Client(), bucket),
      plan: Schema.decodeUnknownSync(Schema.fromJsonString(VaultPlan))(await readFile(planFile, "utf8")),
      jwt: () => readFile(tokenFile, "utf8"),
      log,
    });
  },
  snapshot: async (log) => {
    const { address, bucket, tokenFile } = await Effect.runPromise(snapshotSettings);
    const token = await logIn(vaultClient(address), SNAPSHOT_ROLE, await readFile(tokenFile, "utf8"));
    return takeSnapshot({
      address,
      token,
      s3: new S3Client(),
      bucket,
      folder: tmpdir(),
      now: new Date(),
      log,
    });
  },
};

/** One of the programs around Vault as a process: 0 when it has done its work, else 1, and Kubernetes runs it again. */
export async function runProgram(program: string | undefined, write: (line: string) => void): Promise<number> {
  const log = jsonLogger(write, { program });
  const run = PROGRAMS[program ?? ""];
  if (run === undefined) {
    log.error(`expected one of ${Object.keys(PROGRAMS).join(", ")}, came ${program ?? "nothing"}`);
    return 1;
  }
  try {
    await run(log);
    return 0;
  } catch (error) {
    log.error("the program failed", { error });
    return 1;
  }
}
