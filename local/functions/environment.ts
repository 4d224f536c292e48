import { REGION } from "../names.ts";
import type { FunctionDefinition } from "./definition.ts";

/** Where a function's lines go on AWS; here a name only. */
export const logGroupOf = (name: string): string => `/aws/lambda/${name}`;

/**
 * The environment variables of one thread: the function's own, then those of the host (endpoint, credentials), then
 * those Lambda sets, which a function cannot override.
 */
export const threadEnvironment = (
  definition: FunctionDefinition,
  logStream: string,
  host: Readonly<Record<string, string>>,
): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  LANG: "en_US.UTF-8",
  ...definition.environment,
  ...host,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_GROUP_NAME: logGroupOf(definition.name),
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  LAMBDA_TASK_ROOT: definition.code,
  _HANDLER: definition.handler,
});
