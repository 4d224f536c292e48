export interface Tolerance {
  readonly count: number;
  /** Of all tasks of the job, 0 to 100. */
  readonly percentage: number;
}

/** Whether a job of `total` tasks may succeed with `failed` of them: within either limit is within the tolerance. */
export const isTolerated = (failed: number, total: number, { count, percentage }: Tolerance): boolean =>
  failed <= count || failed * 100 <= total * percentage;

/** In words, for messages: `none are tolerated`, `5 or 1 % are tolerated`. */
export const toleranceText = ({ count, percentage }: Tolerance): string => {
  const limits = [...(count > 0 ? [`${count}`] : []), ...(percentage > 0 ? [`${percentage} %`] : [])];
  return `${limits.length === 0 ? "none" : limits.join(" or ")} are tolerated`;
};
