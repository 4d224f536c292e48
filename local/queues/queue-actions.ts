import { AwsFault, type JsonAction, onlyFields } from "../aws-json.ts";
import { type Input, integerOr, optionalString, requiredString, stringList, stringMap } from "./input.ts";
import type { Queue } from "./queue.ts";
import type { QueueRegistry } from "./registry.ts";
import { toAttributes } from "./settings.ts";

/** The actions on queues themselves. */
export const queueActions = (queues: QueueRegistry): Record<string, JsonAction> => {
  const queueOf = (input: Input): Queue => queues.byUrl(requiredString(input, "QueueUrl"));
  return {
    CreateQueue(input) {
      onlyFields("SQS", "CreateQueue", input, ["QueueName", "Attributes", "tags"]);
      const queue = queues.create(requiredString(input, "QueueName"), stringMap(input, "Attributes"));
      for (const [key, value] of Object.entries(stringMap(input, "tags"))) queue.tags.set(key, value);
      return { QueueUrl: queues.url(queue) };
    },

    DeleteQueue(input) {
      onlyFields("SQS", "DeleteQueue", input, ["QueueUrl"]);
      queues.delete(queueOf(input));
    },

    GetQueueUrl(input) {
      onlyFields("SQS", "GetQueueUrl", input, ["QueueName"]);
      return { QueueUrl: queues.url(queues.byName(requiredString(input, "QueueName"))) };
    },

    ListQueues(input) {
      onlyFields("SQS", "ListQueues", input, ["QueueNamePrefix", "MaxResults", "NextToken"]);
      const prefix = optionalString(input, "QueueNamePrefix") ?? "";
      const after = optionalString(input, "NextToken") ?? "";
      const max = integerOr(input, "MaxResults", 1000, 1, 1000);
      const found = queues.all().filter(({ name }) => name.startsWith(prefix) && name > after);
      const page = found.slice(0, max);
      return {
        QueueUrls: page.map((queue) => queues.url(queue)),
        ...(found.length > max && { NextToken: page.at(-1)?.name }),
      };
    },

    GetQueueAttributes(input) {
      onlyFields("SQS", "GetQueueAttributes", input, ["QueueUrl", "AttributeNames"]);
      return { Attributes: attributesOf(queueOf(input), stringList(input, "AttributeNames")) };
    },

    SetQueueAttributes(input) {
      onlyFields("SQS", "SetQueueAttributes", input, ["QueueUrl", "Attributes"]);
      queues.change(queueOf(input), stringMap(input, "Attributes"));
    },

    PurgeQueue(input) {
      onlyFields("SQS", "PurgeQueue", input, ["QueueUrl"]);
      queueOf(input).purge();
    },

    TagQueue(input) {
      onlyFields("SQS", "TagQueue", input, ["QueueUrl", "Tags"]);
      const { tags } = queueOf(input);
      for (const [key, value] of Object.entries(stringMap(input, "Tags"))) tags.set(key, value);
    },

    UntagQueue(input) {
      onlyFields("SQS", "UntagQueue", input, ["QueueUrl", "TagKeys"]);
      const { tags } = queueOf(input);
      for (const key of stringList(input, "TagKeys")) tags.delete(key);
    },

    ListQueueTags(input) {
      onlyFields("SQS", "ListQueueTags", input, ["QueueUrl"]);
      return { Tags: Object.fromEntries(queueOf(input).tags) };
    },
  };
};

/** Attributes a standard queue on AWS may have and a local one never has: asking for them finds nothing. */
const NEVER_SET = new Set([
  "Policy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
]);

const attributesOf = (queue: Queue, names: readonly string[]): Record<string, string> => {
  const depth = queue.depth();
  const all: Record<string, string> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(depth.visible),
    ApproximateNumberOfMessagesNotVisible: String(depth.inFlight),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
    CreatedTimestamp: seconds(queue.createdAt),
    LastModifiedTimestamp: seconds(queue.modifiedAt),
    ...toAttributes(queue.settings),
  };
  if (names.includes("All")) return all;
  const unknown = names.filter((name) => !(name in all) && name !== "RedrivePolicy" && !NEVER_SET.has(name));
  if (unknown.length > 0) throw new AwsFault("InvalidAttributeName", `unknown attributes: ${unknown.join(", ")}`);
  return Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
};

const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));
