/** What one queue asks for. */
export interface QueueDemand {
  /** Messages, visible and in flight. */
  readonly depth: number;
  /** Messages one replica is to serve. */
  readonly queueLength: number;
  /** The queue counts as active above this depth. */
  readonly activationQueueLength: number;
}

export interface ScalingState {
  readonly queues: readonly QueueDemand[];
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Cores of this machine; more replicas than these would only take turns. */
  readonly cores: number;
  /** Replicas the user asked for at most; in place of `maxReplicas` and `cores`. */
  readonly workers?: number;
  /** Replicas there are now. */
  readonly current: number;
  /** When a queue was last active, in milliseconds; undefined when none ever was. */
  readonly lastActiveAt: number | undefined;
  /** In milliseconds. */
  readonly now: number;
  readonly cooldownSeconds: number;
}

/** Whether any queue has enough in it to need replicas at all. */
export function isActive(queues: readonly QueueDemand[]): boolean {
  return queues.some(({ depth, activationQueueLength }) => depth > activationQueueLength);
}

/**
 * How many replicas a Deployment shall have, by the queues of its ScaledObject. As KEDA and its autoscaler do: the queue that
 * asks for the most decides. Unlike them it never takes replicas away while there is work (an idle process costs a laptop
 * little, a drained one costs its tasks time), only when all queues were idle for the cooldown; then down to the minimum.
 */
export function desiredReplicas(state: ScalingState): number {
  const { queues, minReplicas, maxReplicas, cores, workers, current, lastActiveAt, now, cooldownSeconds } = state;
  const ceiling = workers ?? Math.min(maxReplicas, cores);
  const within = (replicas: number) => Math.min(Math.max(replicas, minReplicas), ceiling);
  if (isActive(queues)) {
    const wanted = queues.map(({ depth, queueLength }) => Math.ceil(depth / queueLength));
    return within(Math.max(1, current, ...wanted));
  }
  const cooled = lastActiveAt === undefined || now - lastActiveAt >= cooldownSeconds * 1000;
  return within(cooled ? minReplicas : current);
}
