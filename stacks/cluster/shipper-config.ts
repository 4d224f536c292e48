interface ShipperConfigInput {
  readonly region: string;
  readonly logGroup: string;
  /** Containers whose lines are taken, as the files in `/var/log/containers` are named: `<pod>_<namespace>_<container>-*`. */
  readonly containers: string;
  /** Only lines that this regular expression fits. Default all. */
  readonly only?: string | undefined;
  /** Folder of the node for what it remembers. */
  readonly stateFolder: string;
}

/**
 * What Fluent Bit is told: each line of some containers goes to CloudWatch as it was written, so that metrics in it (EMF) are taken out of
 * it there. It goes on where it stopped, and keeps what CloudWatch does not take yet.
 */
export function shipperConfig({ region, logGroup, containers, only, stateFolder }: ShipperConfigInput): string {
  const filter = only === undefined ? "" : `[FILTER]\n    Name   grep\n    Match  lines\n    Regex  log ${only}\n\n`;
  return `[SERVICE]
    Flush         1
    Log_Level     warn
    storage.path  ${stateFolder}/buffer

[INPUT]
    Name              tail
    Tag               lines
    Path              /var/log/containers/${containers}.log
    multiline.parser  cri
    DB                ${stateFolder}/positions.db
    Read_from_Head    true
    Skip_Long_Lines   off
    Buffer_Max_Size   2M
    storage.type      filesystem

${filter}[OUTPUT]
    Name               cloudwatch_logs
    Match              lines
    region             ${region}
    log_group_name     ${logGroup}
    log_stream_prefix  \${HOSTNAME}-
    log_key            log
    auto_create_group  false
    Retry_Limit        no_limits
`;
}
