const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * The number a Kubernetes quantity stands for: `500m` is 0.5, `2Gi` is 2147483648.
 * (Kubernetes API reference, "Quantity".) Throws if the text is none.
 */
export function quantityValue(text: string): number {
  const [, digits, suffix] = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = FACTORS[suffix ?? ""];
  if (digits === undefined || factor === undefined) {
    throw new Error(`"${text}" is not a Kubernetes quantity: expected a number such as "2", "500m" or "2Gi"`);
  }
  return Number(digits) * factor;
}

/** The largest of some quantities, as it was written; undefined for none. */
export function largestQuantity(quantities: readonly string[]): string | undefined {
  return quantities.toSorted((one, other) => quantityValue(one) - quantityValue(other)).at(-1);
}
