import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { localClient } from "../clients.ts";
import { StateFailure } from "../failure.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Integration } from "./index.ts";

type Sdk = typeof import("@aws-sdk/client-dynamodb");

const ACTIONS = ["getItem", "putItem", "updateItem", "deleteItem"] as const;

type Action = (typeof ACTIONS)[number];

/** The DynamoDB actions Step Functions calls directly, by ARN; items are in DynamoDB's JSON, as on AWS. */
export const dynamoIntegrations = (origin: string): [string, Integration][] => {
  let loaded: Promise<{ sdk: Sdk; client: DynamoDBClient }> | undefined;
  const load = async () => {
    const sdk = await import("@aws-sdk/client-dynamodb");
    return { sdk, client: new sdk.DynamoDBClient(localClient(origin)) };
  };
  const submit = async (action: Action, parameters: JsonObject): Promise<Json> => {
    loaded ??= load();
    const { sdk, client } = await loaded;
    try {
      const { $metadata, ...answer } = await send(sdk, client, action, parameters);
      return JSON.parse(JSON.stringify(answer)) as Json;
    } catch (error) {
      const { name, message } = error as Error;
      throw new StateFailure(`DynamoDB.${name}`, message);
    }
  };
  return ACTIONS.map((action) => [
    `arn:aws:states:::dynamodb:${action}`,
    { submit: (parameters) => submit(action, parameters) },
  ]);
};

/** The definition's author answers for the members' types; the service refuses what does not fit. */
const send = (sdk: Sdk, client: DynamoDBClient, action: Action, parameters: JsonObject) => {
  switch (action) {
    case "getItem":
      return client.send(
        new sdk.GetItemCommand(parameters as unknown as ConstructorParameters<Sdk["GetItemCommand"]>[0]),
      );
    case "putItem":
      return client.send(
        new sdk.PutItemCommand(parameters as unknown as ConstructorParameters<Sdk["PutItemCommand"]>[0]),
      );
    case "updateItem":
      return client.send(
        new sdk.UpdateItemCommand(parameters as unknown as ConstructorParameters<Sdk["UpdateItemCommand"]>[0]),
      );
    case "deleteItem":
      return client.send(
        new sdk.DeleteItemCommand(parameters as unknown as ConstructorParameters<Sdk["DeleteItemCommand"]>[0]),
      );
  }
};
