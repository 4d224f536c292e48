import { VAULT } from "#grid/vault.ts";
import { serverAddress } from "./vault-names.ts";

/** Where the certificates are mounted in a server. */
export const TLS_FOLDER = "/vault/tls";
const DATA_FOLDER = "/vault/data";

interface ServerConfigInput {
  readonly replicas: number;
  readonly region: string;
  /** ARN of the KMS key that unseals. */
  readonly sealKey: string;
}

/**
 * A server's configuration (HCL): TLS 1.3 alone, raft storage whose members find each other by name, unsealed by KMS. Memory is not
 * locked: with raft storage HashiCorp advises against it, and the pod may not; its nodes have no swap.
 */
export const serverConfig = ({ replicas, region, sealKey }: ServerConfigInput) => `ui = false
disable_mlock = true

listener "tcp" {
  address         = "[::]:${VAULT.port}"
  cluster_address = "[::]:8201"
  tls_cert_file   = "${TLS_FOLDER}/${VAULT.certificateFile}"
  tls_key_file    = "${TLS_FOLDER}/${VAULT.privateKeyFile}"
  tls_min_version = "tls13"
}

storage "raft" {
  path = "${DATA_FOLDER}"
${Array.from({ length: replicas }, (_, ordinal) => retryJoin(ordinal)).join("")}}

seal "awskms" {
  region     = "${region}"
  kms_key_id = "${sealKey}"
}

service_registration "kubernetes" {}
`;

const retryJoin = (ordinal: number) => `  retry_join {
    leader_api_addr     = "${serverAddress(ordinal)}"
    leader_ca_cert_file = "${TLS_FOLDER}/${VAULT.caFile}"
  }
`;
