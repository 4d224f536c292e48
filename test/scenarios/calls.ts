type Calls = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Requests between two counts, by service. */
export function countCalls(before: Calls, after: Calls): Record<string, number> {
  const sum = (actions: Readonly<Record<string, number>> = {}) => Object.values(actions).reduce((a, b) => a + b, 0);
  return Object.fromEntries(Object.keys(after).map((service) => [service, sum(after[service]) - sum(before[service])]));
}
