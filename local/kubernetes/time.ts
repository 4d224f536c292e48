/** A moment as Kubernetes writes it: RFC 3339, whole seconds. */
export const timestamp = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

export const now = () => timestamp(Date.now());

/** The longest time a Node timer can wait; longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A timer that does not keep the process alive; about 25 days at most. */
export function after(milliseconds: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(milliseconds, LONGEST_TIMER)).unref();
}
