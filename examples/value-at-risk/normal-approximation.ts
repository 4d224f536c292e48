import { HORIZON_DAYS, LEVERAGE, PORTFOLIO } from "./portfolio.ts";

/** The 1 % quantile of the standard normal distribution, and its density there. */
const Z = -2.3263478740408408;
const DENSITY = Math.exp((-Z * Z) / 2) / Math.sqrt(2 * Math.PI);

export interface Approximation {
  /** As if the index's ten-day log return were normally distributed. */
  readonly normalValueAtRisk: number;
  readonly normalExpectedShortfall: number;
  /** With the quantile shifted for skewness and excess kurtosis (Cornish and Fisher 1938), which overdoes it for tails this fat. */
  readonly cornishFisherValueAtRisk: number;
}

export function approximate(dailyReturns: Float64Array): Approximation {
  const mean = momentAbout(0, 1, dailyReturns);
  const variance = momentAbout(mean, 2, dailyReturns);
  const deviation = Math.sqrt(variance);
  // Of a sum of independent days: the mean and variance grow with their number, skewness and excess kurtosis fade.
  const skewness = momentAbout(mean, 3, dailyReturns) / deviation ** 3 / Math.sqrt(HORIZON_DAYS);
  const excess = (momentAbout(mean, 4, dailyReturns) / deviation ** 4 - 3) / HORIZON_DAYS;
  const fatQuantile =
    Z + ((Z ** 2 - 1) / 6) * skewness + ((Z ** 3 - 3 * Z) / 24) * excess - ((2 * Z ** 3 - 5 * Z) / 36) * skewness ** 2;
  const lossAt = (standardDeviations: number) =>
    lossAtIndexReturn(HORIZON_DAYS * mean + standardDeviations * deviation * Math.sqrt(HORIZON_DAYS), variance);
  return {
    normalValueAtRisk: lossAt(Z),
    normalExpectedShortfall: lossAt(-DENSITY / 0.01),
    cornishFisherValueAtRisk: lossAt(fatQuantile),
  };
}

/** Of the portfolio when the index makes this ten-day log return. A day of the leveraged fund is log(1 + 2 (e^r - 1)) = 2r - r² + … */
function lossAtIndexReturn(logReturn: number, dailyVariance: number): number {
  const leveraged = LEVERAGE * logReturn - HORIZON_DAYS * dailyVariance;
  return -PORTFOLIO.indexFund * Math.expm1(logReturn) - PORTFOLIO.leveragedFund * Math.expm1(leveraged);
}

const momentAbout = (centre: number, power: number, values: Float64Array) =>
  values.reduce((sum, value) => sum + (value - centre) ** power, 0) / values.length;
