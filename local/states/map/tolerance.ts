/** How many items of a Map Run may fail. */
export interface Tolerance {
  /** 0 to 100; undefined: not looked at, unless neither is given. */
  readonly percentage: number | undefined;
  readonly count: number | undefined;
}

/** Whether more items have failed than are tolerated; with nothing given, none is [guide, state-map-distributed]. */
export const exceeds = ({ percentage, count }: Tolerance, failed: number, total: number): boolean => {
  if (percentage === undefined && count === undefined) return failed > 0;
  if (count !== undefined && failed > count) return true;
  return percentage !== undefined && total > 0 && (failed / total) * 100 > percentage;
};
