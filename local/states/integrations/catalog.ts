/** How a Task waits: for the answer, for its token, or for the job it started. */
type Pattern = "request-response" | "waitForTaskToken" | "sync";

/** What the engine knows of a service integration before running it. */
export interface IntegrationShape {
  /** As in history events: `lambda`, `eks`, `dynamodb`. */
  readonly resourceType: string;
  /** As in history events, e.g. `invoke.waitForTaskToken`. */
  readonly resource: string;
  readonly pattern: Pattern;
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const LAMBDA_INVOKE = { resourceType: "lambda", required: ["FunctionName"], optional: ["Payload"] } as const;

const DYNAMODB = { resourceType: "dynamodb", pattern: "request-response", required: ["TableName", "Key"] } as const;

const EXPRESSION_FIELDS = ["ExpressionAttributeNames", "ExpressionAttributeValues", "ReturnConsumedCapacity"] as const;

/** The service integrations there are, by the ARN in a Task's `Resource`; any other is refused by name. */
export const INTEGRATIONS: Readonly<Record<string, IntegrationShape>> = {
  "arn:aws:states:::lambda:invoke": { ...LAMBDA_INVOKE, resource: "invoke", pattern: "request-response" },
  "arn:aws:states:::lambda:invoke.waitForTaskToken": {
    ...LAMBDA_INVOKE,
    resource: "invoke.waitForTaskToken",
    pattern: "waitForTaskToken",
  },
  "arn:aws:states:::eks:runJob.sync": {
    resourceType: "eks",
    resource: "runJob.sync",
    pattern: "sync",
    required: ["ClusterName", "CertificateAuthority", "Endpoint", "Job"],
    optional: ["Namespace", "LogOptions"],
  },
  "arn:aws:states:::dynamodb:getItem": {
    ...DYNAMODB,
    resource: "getItem",
    optional: ["ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames", "ReturnConsumedCapacity"],
  },
  "arn:aws:states:::dynamodb:putItem": {
    ...DYNAMODB,
    resource: "putItem",
    required: ["TableName", "Item"],
    optional: ["ConditionExpression", "ReturnValues", ...EXPRESSION_FIELDS],
  },
  "arn:aws:states:::dynamodb:updateItem": {
    ...DYNAMODB,
    resource: "updateItem",
    optional: ["UpdateExpression", "ConditionExpression", "ReturnValues", ...EXPRESSION_FIELDS],
  },
  "arn:aws:states:::dynamodb:deleteItem": {
    ...DYNAMODB,
    resource: "deleteItem",
    optional: ["ConditionExpression", "ReturnValues", ...EXPRESSION_FIELDS],
  },
};

/**
 * What is wrong with a Task's Arguments, each with its path, e.g.
 * `Arguments.Qualifier: not supported by the local engine`. Called at creation and, for what an expression gave, again.
 */
export const argumentProblems = (shape: IntegrationShape, argumentsGiven: Record<string, unknown>): string[] => {
  const problems: string[] = [];
  for (const field of shape.required) {
    if (argumentsGiven[field] === undefined) problems.push(`Arguments.${field}: required`);
  }
  for (const field of Object.keys(argumentsGiven)) {
    if (!shape.required.includes(field) && !shape.optional.includes(field)) {
      problems.push(`Arguments.${field}: not supported by the local engine`);
    }
  }
  const logs = argumentsGiven["LogOptions"];
  if (typeof logs === "object" && logs !== null && "RetrieveLogs" in logs && logs.RetrieveLogs === true) {
    problems.push("Arguments.LogOptions.RetrieveLogs: true is not supported by the local engine");
  }
  return problems;
};
