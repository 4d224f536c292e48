import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { onTestFinished } from "vitest";
import { openEventBuses, type Targets } from "#local/events/index.ts";
import { startGateway } from "#local/gateway.ts";

/** What the targets of a test were given, in order. */
interface Sent {
  readonly to: string;
  readonly body: string;
  readonly attributes?: Record<string, string>;
}

/** An EventBridge behind a gateway, with a real client; `sent` holds what came to targets, as they took it. */
export const eventBusesForTest = async (over: Partial<Targets> = {}) => {
  const sent: Sent[] = [];
  const warnings: string[] = [];
  const buses = openEventBuses({
    targets: {
      startExecution: async (to, body) => void sent.push({ to, body }),
      invokeFunction: async (to, body) => void sent.push({ to, body }),
      sendMessage: async (to, body, attributes) => void sent.push({ to, body, attributes }),
      ...over,
    },
    warn: (message) => void warnings.push(message),
  });
  const gateway = await startGateway({ port: 0 });
  gateway.route("events", buses.endpoint);
  const client = new EventBridgeClient({
    endpoint: gateway.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    buses.close();
    await gateway.close();
  });
  return { buses, client, sent, warnings };
};

export const STATE_MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:grid-job";
export const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:conclude";
export const QUEUE = "arn:aws:sqs:us-east-1:000000000000:intake";
export const DEAD_LETTERS = "arn:aws:sqs:us-east-1:000000000000:intake-dead";
