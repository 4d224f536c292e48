import { AwsFault, type JsonAction, onlyFields } from "../aws-json.ts";
import { batchEntries, eachEntry } from "./batch.ts";
import { invalidParameter } from "./faults.ts";
import { type Input, integerOr, requiredString, stringList } from "./input.ts";
import type { Message } from "./message.ts";
import type { Queue } from "./queue.ts";
import { receivedAnswer, systemAttributesWanted } from "./receive.ts";
import type { QueueRegistry } from "./registry.ts";
import { MESSAGE_FIELDS, messageBytes, newMessage, sentAnswer } from "./send.ts";

/** AWS's quota of all messages of one batch together, 1 MiB. */
const MAX_BATCH_BYTES = 1_048_576;

/** The actions on the messages of a queue. */
export const messageActions = (queues: QueueRegistry, now: () => number): Record<string, JsonAction> => {
  const queueOf = (input: Input): Queue => queues.byUrl(requiredString(input, "QueueUrl"));
  return {
    SendMessage(input) {
      onlyFields("SQS", "SendMessage", input, ["QueueUrl", ...MESSAGE_FIELDS]);
      const queue = queueOf(input);
      const message = newMessage("SendMessage", input, queue.settings, now());
      queue.send([message]);
      return sentAnswer(message);
    },

    SendMessageBatch(input) {
      onlyFields("SQS", "SendMessageBatch", input, ["QueueUrl", "Entries"]);
      const queue = queueOf(input);
      const messages: Message[] = [];
      const answer = eachEntry(batchEntries("SendMessageBatch", input, MESSAGE_FIELDS), (entry) => {
        const message = newMessage("SendMessageBatch", entry, queue.settings, now());
        messages.push(message);
        return sentAnswer(message);
      });
      const bytes = messages.reduce((sum, { body, attributes }) => sum + messageBytes(body, attributes), 0);
      if (bytes > MAX_BATCH_BYTES) {
        const message = `SendMessageBatch: the messages have ${bytes} bytes together, at most ${MAX_BATCH_BYTES} are taken`;
        throw new AwsFault("BatchRequestTooLong", message);
      }
      queue.send(messages);
      return answer;
    },

    async ReceiveMessage(input, response) {
      onlyFields("SQS", "ReceiveMessage", input, [
        "QueueUrl",
        "MaxNumberOfMessages",
        "VisibilityTimeout",
        "WaitTimeSeconds",
        "AttributeNames",
        "MessageSystemAttributeNames",
        "MessageAttributeNames",
      ]);
      const queue = queueOf(input);
      const { settings } = queue;
      const system = [...stringList(input, "AttributeNames"), ...stringList(input, "MessageSystemAttributeNames")];
      const wanted = {
        system: systemAttributesWanted(system),
        messageAttributes: stringList(input, "MessageAttributeNames"),
      };
      const messages = await queue.receiveOrWait({
        max: integerOr(input, "MaxNumberOfMessages", 1, 1, 10),
        visibilitySeconds: integerOr(input, "VisibilityTimeout", settings.visibilityTimeoutSeconds, 0, 43_200),
        waitSeconds: integerOr(input, "WaitTimeSeconds", settings.waitSeconds, 0, 20),
        onCancel: (cancel) => response.once("close", cancel),
      });
      // A caller that died between the last byte of its request and now would keep the messages out of sight.
      if (response.closed || response.socket?.destroyed) {
        for (const { receiptHandle } of messages) queue.changeVisibility(receiptHandle ?? "", 0);
        return {};
      }
      if (messages.length > 0) return { Messages: messages.map((message) => receivedAnswer(message, wanted)) };
      if (queue.isFull) throw new AwsFault("OverLimit", `${queue.name} has 120000 messages in flight`, { status: 403 });
      return {};
    },

    DeleteMessage(input) {
      onlyFields("SQS", "DeleteMessage", input, ["QueueUrl", "ReceiptHandle"]);
      queueOf(input).delete(handleOf(input));
    },

    DeleteMessageBatch(input) {
      onlyFields("SQS", "DeleteMessageBatch", input, ["QueueUrl", "Entries"]);
      const queue = queueOf(input);
      return eachEntry(batchEntries("DeleteMessageBatch", input, ["ReceiptHandle"]), (entry) => {
        queue.delete(handleOf(entry));
        return {};
      });
    },

    ChangeMessageVisibility(input) {
      onlyFields("SQS", "ChangeMessageVisibility", input, ["QueueUrl", "ReceiptHandle", "VisibilityTimeout"]);
      changeVisibility(queueOf(input), input);
    },

    ChangeMessageVisibilityBatch(input) {
      onlyFields("SQS", "ChangeMessageVisibilityBatch", input, ["QueueUrl", "Entries"]);
      const queue = queueOf(input);
      const entries = batchEntries("ChangeMessageVisibilityBatch", input, ["ReceiptHandle", "VisibilityTimeout"]);
      return eachEntry(entries, (entry) => {
        changeVisibility(queue, entry);
        return {};
      });
    },
  };
};

const changeVisibility = (queue: Queue, input: Input): void => {
  const handle = handleOf(input);
  if (input["VisibilityTimeout"] === undefined) {
    throw new AwsFault("MissingParameter", "the request must contain the parameter VisibilityTimeout");
  }
  const seconds = integerOr(input, "VisibilityTimeout", 0, 0, 43_200);
  if (queue.changeVisibility(handle, seconds)) return;
  throw invalidParameter(`ReceiptHandle ${handle}: the message does not exist or is no longer in flight`);
};

const handleOf = (input: Input): string => {
  const handle = requiredString(input, "ReceiptHandle");
  if (/^[0-9a-f-]{36}$/.test(handle)) return handle;
  throw new AwsFault("ReceiptHandleIsInvalid", `the receipt handle "${handle}" is not one this service gave`);
};
