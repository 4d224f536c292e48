import { AwsFault } from "../aws-json.ts";

const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/**
 * Seconds between two turns of a rule with a schedule such as `rate(5 minutes)`.
 * @throws AwsFault ValidationException for what is no rate; `cron(…)` is not served here.
 */
export function rateSeconds(expression: string): number {
  const [, count = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw new AwsFault(
    "ValidationException",
    `ScheduleExpression "${expression}": expected a rate such as "rate(5 minutes)"; nothing else is served here`,
  );
}
