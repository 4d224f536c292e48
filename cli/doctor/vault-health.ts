import { type Finding, fail, ok, warn } from "./finding.ts";

const TIMEOUT_MS = 5000;
const ABOUT = "vault";

/** What Vault's status says (HTTP API, `/sys/health`): 200 active, 429 and 473 standby, 501 not initialised, 503 sealed. */
export function judgeHealth(address: string, status: number): Finding {
  switch (status) {
    case 200:
      return ok(ABOUT, `${address} is unsealed and active`);
    case 429:
    case 473:
      return ok(ABOUT, `${address} is unsealed, on standby`);
    case 501:
      return fail(ABOUT, `${address} is not initialised`, "run `vault operator init` there");
    case 503:
      return fail(ABOUT, `${address} is sealed`, "see the article vault-sealed in docs/runbook.md");
    default:
      return fail(ABOUT, `${address} answered ${status}`, "see whether this is Vault's address");
  }
}

/** Asks a Vault that exists already how it is. One that cannot be reached from here may still be reached by workers. */
export async function askVault(address: string, request: typeof fetch = fetch): Promise<Finding> {
  try {
    const { status } = await request(`${address}/v1/sys/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return judgeHealth(address, status);
  } catch (error) {
    const reason = error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : error;
    return warn(
      ABOUT,
      `${address} cannot be reached from here: ${reason}`,
      "run this where workers run, in the VPC, and see whether its security group and certificate let them in",
    );
  }
}
