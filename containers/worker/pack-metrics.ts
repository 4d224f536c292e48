import { type MetricValues, metricLines } from "#grid/metrics.ts";

/** CloudWatch keeps a value a minute: lines more often than this would cost and tell nothing more. */
const EACH_MS = 60_000;

/** What became known of a pack when its run was over. */
export interface PackFigures {
  readonly application: string;
  /** From the pack's sending to its start, in milliseconds; none for packs that waited on purpose, before another attempt. */
  readonly waitMs: number | undefined;
  /** Tasks that came to an end, well or not. */
  readonly attempts: number;
  readonly runMs: number;
}

/** Figures of packs, gathered by application and written as metric lines once a minute. */
export class PackMetrics {
  readonly #grid: string;
  readonly #pool: string;
  readonly #write: (line: string) => void;
  readonly #values = new Map<string, { queueWait: number[]; runTime: number[]; attempts: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { readonly grid: string; readonly pool: string; readonly write: (line: string) => void }) {
    this.#grid = options.grid;
    this.#pool = options.pool;
    this.#write = options.write;
  }

  add({ application, waitMs, attempts, runMs }: PackFigures): void {
    const values = this.#values.get(application) ?? { queueWait: [], runTime: [], attempts: 0 };
    this.#values.set(application, values);
    if (waitMs !== undefined) values.queueWait.push(waitMs);
    if (attempts > 0) values.runTime.push(runMs / attempts);
    values.attempts += attempts;
    this.#timer ??= setTimeout(() => this.flush(), EACH_MS).unref();
  }

  /** Writes what was gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [application, { queueWait, runTime, attempts }] of this.#values) {
      const values: MetricValues = { queueWait, runTime, attempts: [attempts] };
      const lines = metricLines({ grid: this.#grid, application, pool: this.#pool }, values, Date.now());
      for (const line of lines) this.#write(`${line}\n`);
    }
    this.#values.clear();
  }
}
