import { VAULT } from "#grid/vault.ts";
import { SEAL_LINE } from "./seal-sidecar.ts";

const STATE_FOLDER = "/var/lib/vault-audit-shipper";

/** Folders of a node that the shipper sees: the containers' logs, and what it remembers of how far it has read them. */
export const LOG_VOLUMES = [
  { name: "logs", path: "/var/log", type: "Directory", readOnly: true },
  { name: "state", path: STATE_FOLDER, type: "DirectoryOrCreate", readOnly: false },
] as const;

interface ShipperConfigInput {
  readonly region: string;
  readonly logGroup: string;
}

/** Fluent Bit takes the lines of Vault's containers that are audit entries or say whether it is sealed, and no others, to CloudWatch. */
export const shipperConfig = ({ region, logGroup }: ShipperConfigInput) => `[SERVICE]
    Flush         1
    Log_Level     warn
    storage.path  ${STATE_FOLDER}/buffer

[INPUT]
    Name              tail
    Tag               audit
    Path              /var/log/containers/vault-*_${VAULT.namespace}_vault-*.log
    multiline.parser  cri
    DB                ${STATE_FOLDER}/positions.db
    Read_from_Head    true
    Skip_Long_Lines   off
    Buffer_Max_Size   2M
    storage.type      filesystem

[FILTER]
    Name   grep
    Match  audit
    Regex  log "type":"(request|response|${SEAL_LINE})"

[OUTPUT]
    Name               cloudwatch_logs
    Match              audit
    region             ${region}
    log_group_name     ${logGroup}
    log_stream_prefix  \${HOSTNAME}-
    log_key            log
    auto_create_group  false
    Retry_Limit        no_limits
`;
