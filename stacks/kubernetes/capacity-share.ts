/** Values of the share label: nodes of each kind of capacity take one of theirs. */
export interface CapacityShare {
  readonly spot: readonly string[];
  readonly onDemand: readonly string[];
}

const STEPS = 10;

/**
 * Splits ten steps between spot and on demand, in lowest terms: 70 % is 7 values to 3, 50 % is 1 to 1. Workers that spread evenly over all
 * the values are then spread as the percentage says (Karpenter, "On-Demand/Spot Ratio Split").
 * @param spotPercent a multiple of ten from 0 to 100.
 */
export function capacityShare(spotPercent: number): CapacityShare {
  const spot = spotPercent / STEPS;
  const onDemand = STEPS - spot;
  const unit = greatestCommonDivisor(spot, onDemand);
  const values = (kind: string, steps: number) => Array.from({ length: steps / unit }, (_, at) => `${kind}-${at}`);
  return { spot: values("spot", spot), onDemand: values("on-demand", onDemand) };
}

const greatestCommonDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestCommonDivisor(other, one % other);
