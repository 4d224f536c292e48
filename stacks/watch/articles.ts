/** Articles of docs/runbook.md, one for each kind of alarm, by their titles: an alarm's name begins with the grid's and goes on with one. */
export const ARTICLES = [
  "dead-letters",
  "old-tasks",
  "old-completions",
  "packs-in-flight",
  "executions-failed",
  "executions-timed-out",
  "executions-throttled",
  "open-map-runs",
  "collect-errors",
  "function-errors",
  "function-throttles",
  "file-system-full",
  "vault-sealed",
] as const;
export type Article = (typeof ARTICLES)[number];
