type Level = "ok" | "warn" | "fail";

/** What was found out about one thing. */
export interface Finding {
  readonly level: Level;
  /** `credentials`, `pool general` … */
  readonly about: string;
  readonly says: string;
  /** What to do; none where all is well. */
  readonly todo?: string;
}

export const ok = (about: string, says: string): Finding => ({ level: "ok", about, says });
export const warn = (about: string, says: string, todo: string): Finding => ({ level: "warn", about, says, todo });
export const fail = (about: string, says: string, todo: string): Finding => ({ level: "fail", about, says, todo });

/** One line a finding, and below it what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ about }) => about.length));
  return findings
    .map(({ level, about, says, todo }) => {
      const line = `${level.padEnd(4)}  ${about.padEnd(width)}  ${says}\n`;
      return todo === undefined ? line : `${line}${" ".repeat(width + 8)}→ ${todo}\n`;
    })
    .join("");
}

/** How many there are of each level: `9 ok, 1 warn, 0 fail`. */
export const summaryOf = (findings: readonly Finding[]): string =>
  (["ok", "warn", "fail"] as const)
    .map((level) => `${findings.filter((finding) => finding.level === level).length} ${level}`)
    .join(", ");
