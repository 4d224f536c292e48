import { loadGrid } from "#grid/load-config.ts";
import { DEFAULT_CONFIG } from "./defaults.ts";
import { Account } from "./doctor/aws.ts";
import { examine } from "./doctor/examine.ts";
import { findingsText, summaryOf } from "./doctor/finding.ts";
import { EXIT } from "./errors.ts";

export interface DoctorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Looks at the account before a deployment or after one. Returns the exit code: 1 if something will not work. */
export async function doctor({ config = DEFAULT_CONFIG, json }: DoctorOptions): Promise<number> {
  const loaded = await loadGrid(config);
  const account = new Account();
  try {
    const findings = await examine(loaded, account, process.env);
    process.stdout.write(
      json ? `${JSON.stringify(findings)}\n` : `${findingsText(findings)}\n${summaryOf(findings)}\n`,
    );
    return findings.some(({ level }) => level === "fail") ? EXIT.failed : EXIT.ok;
  } finally {
    account.close();
  }
}
