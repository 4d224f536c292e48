import { get } from "node:http";
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { startGateway } from "#local/gateway.ts";
import { openQueues } from "#local/queues.ts";

const LINUX = process.platform === "linux";
/** On Linux the whole of 127.0.0.0/8 is this machine's loopback. */
const ADDRESS = "127.0.0.2";

describe.runIf(LINUX)("a gateway that listens for pods too", () => {
  test("gives queue URLs that pods and this machine reach", async () => {
    const gateway = await startGateway({ port: 0, podAddress: ADDRESS });
    const queues = openQueues({ gateway });
    expect(gateway.podOrigin).toBe(`http://${ADDRESS}:${gateway.port}`);
    const clientAt = (endpoint: string) =>
      new SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
    const here = clientAt(gateway.origin);
    const pod = clientAt(gateway.podOrigin);
    await here.send(new CreateQueueCommand({ QueueName: "packs" }));
    const { QueueUrl } = await pod.send(new GetQueueUrlCommand({ QueueName: "packs" }));
    expect(QueueUrl).toMatch(new RegExp(`^${gateway.podOrigin}/`));
    await here.send(new SendMessageCommand({ QueueUrl, MessageBody: "for a pod" }));
    expect((await pod.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body).toBe("for a pod");
    queues.close();
    await gateway.close();
    await expect(reach(gateway.podOrigin)).rejects.toThrow("ECONNREFUSED");
  });
});

test("an address that is none of this machine is refused by name, and the port is free again", async () => {
  const first = await startGateway({ port: 0 });
  const { port } = first;
  await first.close();
  await expect(startGateway({ port, podAddress: "203.0.113.1" })).rejects.toThrow(
    "203.0.113.1 is no address of this machine",
  );
  await (await startGateway({ port })).close();
});

const reach = (origin: string) => new Promise((resolve, reject) => get(origin, resolve).on("error", reject));
