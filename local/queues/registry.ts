import { AwsFault } from "../aws-json.ts";
import { ACCOUNT, REGION } from "../names.ts";
import { invalidParameter, queueDoesNotExist } from "./faults.ts";
import { Queue } from "./queue.ts";
import { DEFAULT_SETTINGS, type QueueSettings, toAttributes, withAttributes } from "./settings.ts";

/** The queues of the account, by name. */
export class QueueRegistry {
  readonly #queues = new Map<string, Queue>();
  readonly #origin: string;
  readonly #now: () => number;

  /**
   * @param origin what queue URLs begin with: the SDK sends requests to the URL's host.
   * @param now milliseconds since the epoch.
   */
  constructor(origin: string, now: () => number) {
    this.#origin = origin;
    this.#now = now;
  }

  url(queue: Queue): string {
    return `${this.#origin}/${ACCOUNT}/${queue.name}`;
  }

  /** Finds by URL, whatever its host, so that a URL noted before the port changed stays good. */
  byUrl(url: string): Queue {
    const [account, name, ...rest] = (URL.canParse(url) ? new URL(url).pathname : url).split("/").slice(1);
    const queue = account === ACCOUNT && rest.length === 0 ? this.#queues.get(name ?? "") : undefined;
    if (!queue) throw queueDoesNotExist(url);
    return queue;
  }

  byName(name: string): Queue {
    const queue = this.#queues.get(name);
    if (!queue) throw queueDoesNotExist(name);
    return queue;
  }

  /** All queues, sorted by name. */
  all(): Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Creates a queue; one that is there already is returned if the attributes asked for are those it has. */
  create(name: string, attributes: Record<string, string>): Queue {
    if (name.endsWith(".fifo")) throw invalidParameter(`FIFO queues are not implemented locally: ${name}`);
    if (!/^[\w-]{1,80}$/.test(name)) {
      throw invalidParameter(`a queue name has 1 to 80 letters, digits, - and _, came "${name}"`);
    }
    const existing = this.#queues.get(name);
    if (existing) return this.#sameOrFault(existing, attributes);
    const queue = new Queue({
      name,
      arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
      settings: this.#checked(withAttributes(DEFAULT_SETTINGS, attributes)),
      now: this.#now,
      deadLetterQueue: (arn) => this.#byArn(arn),
    });
    this.#queues.set(name, queue);
    return queue;
  }

  change(queue: Queue, attributes: Record<string, string>): void {
    queue.settings = this.#checked(withAttributes(queue.settings, attributes));
    queue.modifiedAt = this.#now();
  }

  delete(queue: Queue): void {
    this.#queues.delete(queue.name);
    queue.close();
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close();
  }

  #byArn(arn: string): Queue | undefined {
    const queue = this.#queues.get(arn.slice(arn.lastIndexOf(":") + 1));
    return queue?.arn === arn ? queue : undefined;
  }

  #checked(settings: QueueSettings): QueueSettings {
    const target = settings.redrive?.deadLetterTargetArn;
    if (target !== undefined && !this.#byArn(target)) {
      throw invalidParameter(`RedrivePolicy: the dead-letter queue ${target} does not exist`);
    }
    return settings;
  }

  #sameOrFault(existing: Queue, attributes: Record<string, string>): Queue {
    const has = toAttributes(existing.settings);
    const asked = toAttributes(withAttributes(existing.settings, attributes));
    const different = Object.keys(asked).filter((name) => asked[name] !== has[name]);
    if (different.length === 0) return existing;
    const message = `the queue ${existing.name} exists with another value of ${different.join(", ")}`;
    throw new AwsFault("QueueNameExists", message);
  }
}
