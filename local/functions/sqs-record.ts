import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import { REGION } from "../names.ts";

/** A received message: what deleting it takes, and its record of the Lambda event as JSON text. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly json: string;
  readonly bytes: number;
}

/** A received message in the shape of Lambda's SQS event (lower camel case, binary values in base64). */
export const sqsRecord = (message: Message, queueArn: string): SqsRecord => {
  const { MessageId: messageId = "", ReceiptHandle: receiptHandle = "" } = message;
  const json = JSON.stringify({
    messageId,
    receiptHandle,
    body: message.Body ?? "",
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, messageAttribute(value)]),
    ),
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: REGION,
  });
  return { messageId, receiptHandle, json, bytes: Buffer.byteLength(json) };
};

const messageAttribute = (value: MessageAttributeValue) => ({
  ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
  ...(value.BinaryValue === undefined ? {} : { binaryValue: Buffer.from(value.BinaryValue).toString("base64") }),
  stringListValues: [],
  binaryListValues: [],
  dataType: value.DataType,
});

/** The event of a batch. */
export const sqsEvent = (records: readonly SqsRecord[]): string =>
  `{"Records":[${records.map((record) => record.json).join(",")}]}`;
