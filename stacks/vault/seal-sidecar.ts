import { VAULT } from "#grid/vault.ts";

const EACH_SECONDS = 60;

/** `type` of the line that says whether a server is sealed, beside the types of audit entries. */
export const SEAL_LINE = "seal";

/** `vault status` exits with 0 where the server is unsealed, 2 where it is sealed, 1 where it does not answer. */
const SCRIPT = `while sleep ${EACH_SECONDS}; do
  if vault status >/dev/null 2>&1; then sealed=0; else sealed=1; fi
  echo "{\\"type\\":\\"${SEAL_LINE}\\",\\"sealed\\":$sealed}"
done
`;

/** A container beside each server that logs once a minute whether it is sealed; an alarm counts these lines. */
export const sealSidecar = (image: string) => ({
  // Its log is shipped with the server's, by this name's beginning.
  name: "vault-seal",
  image,
  command: ["/bin/sh", "-c", SCRIPT],
  env: [
    { name: "VAULT_ADDR", value: `https://127.0.0.1:${VAULT.port}` },
    // Within the pod: nobody is between the two.
    { name: "VAULT_SKIP_VERIFY", value: "true" },
  ],
  resources: { requests: { cpu: "5m", memory: "32Mi" }, limits: { memory: "128Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
});
