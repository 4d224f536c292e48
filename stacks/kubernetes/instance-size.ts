/**
 * vCPUs of an x86-64 instance type, as its size says: `large` 2, `xlarge` 4, `8xlarge` 32, `metal-24xl` 96 (EC2 instance types guide).
 * Undefined for sizes that do not say, such as `metal`.
 */
export function vcpusOf(instanceType: string): number | undefined {
  const size = instanceType.split(".")[1] ?? "";
  if (size === "medium") return 1;
  if (size === "large") return 2;
  const [, multiple] = /^(?:metal-)?(\d*)xl(?:arge)?$/.exec(size) ?? [];
  if (multiple === undefined) return undefined;
  return 4 * (multiple === "" ? 1 : Number(multiple));
}

/** How many workers the smallest of some instance types holds, by their CPUs; at least 1. */
export function workersPerNode(instanceTypes: readonly string[], cpusPerWorker: number): number {
  const vcpus = instanceTypes.map(vcpusOf).filter((count) => count !== undefined);
  if (vcpus.length === 0) return 1;
  return Math.max(1, Math.floor(Math.min(...vcpus) / cpusPerWorker));
}
