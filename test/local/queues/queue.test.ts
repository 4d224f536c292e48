import { describe, expect, it, vi } from "vitest";
import type { Message } from "#local/queues/message.ts";
import { Queue } from "#local/queues/queue.ts";
import { newMessage } from "#local/queues/send.ts";
import { DEFAULT_SETTINGS, type QueueSettings } from "#local/queues/settings.ts";

/** A queue on a clock the test moves. */
const start = (settings: Partial<QueueSettings> = {}, deadLetterQueue?: Queue) => {
  const clock = { now: 1_000_000 };
  const queue = new Queue({
    name: "q",
    arn: "arn:q",
    settings: { ...DEFAULT_SETTINGS, ...settings },
    now: () => clock.now,
    deadLetterQueue: () => deadLetterQueue,
  });
  const send = (...bodies: string[]) =>
    queue.send(bodies.map((body) => newMessage("SendMessage", { MessageBody: body }, queue.settings, clock.now)));
  const pass = (seconds: number): void => {
    clock.now += seconds * 1000;
  };
  return { queue, send, pass };
};
const bodies = (messages: Message[]) => messages.map(({ body }) => body);

describe("a queue", () => {
  it("delivers in order of arrival, and keeps what it delivered out of sight until the visibility timeout", () => {
    const { queue, send, pass } = start();
    send("a", "b", "c");
    expect(bodies(queue.receive(2, 30))).toEqual(["a", "b"]);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 2, delayed: 0 });
    pass(29.999);
    expect(queue.depth().visible).toBe(1);
    pass(0.001);
    expect(queue.depth()).toEqual({ visible: 3, inFlight: 0, delayed: 0 });
    expect(bodies(queue.receive(10, 30))).toEqual(["c", "a", "b"]);
  });

  it("forgets a deleted message", () => {
    const { queue, send, pass } = start();
    send("a");
    queue.delete(queue.receive(1, 30)[0]!.receiptHandle!);
    pass(60);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it("delivers again a message whose handle is used only after its visibility timeout", () => {
    const { queue, send, pass } = start();
    send("a");
    const [first] = queue.receive(1, 30);
    const handle = first!.receiptHandle!;
    pass(30);
    queue.delete(handle);
    expect(queue.changeVisibility(handle, 30)).toBe(false);
    expect(queue.receive(1, 30)[0]).toMatchObject({ body: "a", receiveCount: 2 });
  });

  it("extends and ends a visibility timeout", () => {
    const { queue, send, pass } = start();
    send("a");
    const handle = queue.receive(1, 30)[0]!.receiptHandle!;
    pass(20);
    expect(queue.changeVisibility(handle, 30)).toBe(true);
    pass(20);
    expect(queue.depth()).toMatchObject({ inFlight: 1 });
    expect(queue.changeVisibility(handle, 0)).toBe(true);
    expect(queue.depth()).toMatchObject({ visible: 1, inFlight: 0 });
  });

  it("holds a delayed message back, and counts it as delayed", () => {
    const { queue, send, pass } = start({ delaySeconds: 5 });
    send("a");
    expect([queue.receive(1, 30), queue.depth()]).toEqual([[], { visible: 0, inFlight: 0, delayed: 1 }]);
    pass(5);
    expect(bodies(queue.receive(1, 30))).toEqual(["a"]);
  });

  it("moves a message to the dead-letter queue instead of delivering it once more than allowed", () => {
    const dead = start();
    const { queue, send, pass } = start(
      { redrive: { deadLetterTargetArn: "arn:dead", maxReceiveCount: 2 } },
      dead.queue,
    );
    send("bad");
    for (let i = 0; i < 2; i++) {
      expect(bodies(queue.receive(1, 30))).toEqual(["bad"]);
      pass(30);
    }
    send("good");
    expect(bodies(queue.receive(10, 30))).toEqual(["good"]);
    dead.pass(60);
    expect(dead.queue.receive(10, 30)).toMatchObject([{ body: "bad", deadLetterSource: "arn:q" }]);
  });

  it("drops messages older than the retention period", () => {
    const { queue, send, pass } = start({ retentionSeconds: 60 });
    send("old");
    pass(30);
    send("new");
    pass(30);
    expect(queue.depth().visible).toBe(1);
    expect(bodies(queue.receive(10, 30))).toEqual(["new"]);
  });

  it("lets no more than 120 000 messages be in flight", () => {
    const { queue, send } = start();
    send(...Array.from({ length: 120_001 }, () => "x"));
    for (let i = 0; i < 12_000; i++) queue.receive(10, 30);
    expect([queue.isFull, queue.receive(10, 30), queue.depth().visible]).toEqual([true, [], 1]);
  });

  it("gives messages to those who wait, in the order they came, and to none who went away", async () => {
    const { queue, send } = start();
    const cancels: (() => void)[] = [];
    const wait = () =>
      queue.receiveOrWait({
        max: 1,
        visibilitySeconds: 30,
        waitSeconds: 20,
        onCancel: (cancel) => cancels.push(cancel),
      });
    const waits = [wait(), wait(), wait()];
    cancels[0]!();
    send("a", "b", "c");
    expect((await Promise.all(waits)).map(bodies)).toEqual([[], ["a"], ["b"]]);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 2, delayed: 0 });
  });

  it("wakes those who wait when a visibility timeout or a delay ends", async () => {
    vi.useFakeTimers();
    const { queue, send, pass } = start({ delaySeconds: 3 });
    send("a");
    const waiting = queue.receiveOrWait({ max: 1, visibilitySeconds: 30, waitSeconds: 20, onCancel: () => {} });
    pass(3);
    vi.advanceTimersByTime(3000);
    vi.useRealTimers();
    expect(bodies(await waiting)).toEqual(["a"]);
  });
});
