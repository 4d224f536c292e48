/** What is held on the day of valuation, in US dollars. */
export const PORTFOLIO = {
  /** A fund that follows the index. */
  indexFund: 6_000_000,
  /** A fund that makes twice the index's return each day: what it is worth after ten days depends on the path, not only on its end. */
  leveragedFund: 1_000_000,
  cash: 3_000_000,
} as const;

export const LEVERAGE = 2;
export const HORIZON_DAYS = 10;
export const CONFIDENCE_PERCENT = 99;

/** The loss in dollars (negative: a gain) after days with these log returns of the index, one call of `nextReturn` a day. */
export function lossAfterHorizon(nextReturn: () => number): number {
  let logIndex = 0;
  let leveraged: number = PORTFOLIO.leveragedFund;
  for (let day = 0; day < HORIZON_DAYS; day++) {
    const logReturn = nextReturn();
    logIndex += logReturn;
    leveraged *= Math.max(0, 1 + LEVERAGE * Math.expm1(logReturn));
  }
  return PORTFOLIO.leveragedFund - leveraged - PORTFOLIO.indexFund * Math.expm1(logIndex);
}
