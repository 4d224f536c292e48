import type { Finding } from "./finding.ts";

export const foundationFindings: readonly Finding[] = [
  {
    path: "Foundation/AccessLogs/Bucket/Resource",
    rule: "S1",
    reason:
      "It is the bucket that access logs go to; were it to log its own accesses, each delivery would cause another.",
  },
];
