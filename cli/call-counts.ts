import { count, table } from "./text.ts";

/** Requests by service and action. */
export type Calls = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What came after `before`; services and actions without a call are left out. */
export function callsSince(before: Calls, after: Calls): Calls {
  const since = (service: string): [string, Record<string, number>] => [
    service,
    Object.fromEntries(
      Object.entries(after[service]!)
        .map(([action, n]) => [action, n - (before[service]?.[action] ?? 0)] as const)
        .filter(([, n]) => n > 0),
    ),
  ];
  return Object.fromEntries(
    Object.keys(after)
      .map(since)
      .filter(([, actions]) => Object.keys(actions).length > 0),
  );
}

/** A line a service: its calls, then its actions, the most frequent first. */
export function callTable(calls: Calls): string {
  const rows = Object.entries(calls).map(([service, actions]) => {
    const byCount = Object.entries(actions).sort(([, a], [, b]) => b - a);
    const all = byCount.reduce((sum, [, n]) => sum + n, 0);
    return [`  ${service}`, count(all), byCount.map(([action, n]) => `${action} ${count(n)}`).join(", ")];
  });
  return table(rows);
}
