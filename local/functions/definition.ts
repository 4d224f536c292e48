import { AwsFault } from "../aws-json.ts";
import { ACCOUNT, REGION } from "../names.ts";

/** A function as `deploy` takes it: what the template's `AWS::Lambda::Function` says, with its asset resolved. */
export interface FunctionDefinition {
  /** 1 to 64 letters, digits, `-` or `_`. */
  readonly name: string;
  /** Absolute path of the folder with the bundled code. */
  readonly code: string;
  /** `file.export` below `code`, e.g. `index.handler` for `index.mjs`, `index.js` or `index.cjs`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** 1 to 900 seconds; a handler that takes longer has its thread ended. */
  readonly timeoutSeconds: number;
  /** 128 to 10,240 MB; the limit of a thread's JavaScript heap. */
  readonly memoryMegabytes: number;
  /** Events at a time, at least 1. The local pool never runs more than `MAX_THREADS` of them, whatever this says. */
  readonly reservedConcurrency?: number;
}

/** Threads a function gets at most: a laptop has few cores, and a thread with AWS clients weighs some 30 MB. */
const MAX_THREADS = 4;

/** Events of a function that run at the same time: its reserved concurrency, but at most `MAX_THREADS`. */
export const concurrencyOf = (definition: FunctionDefinition): number =>
  Math.min(definition.reservedConcurrency ?? MAX_THREADS, MAX_THREADS);

export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws Error naming the function and the field that Lambda would refuse. */
export const checkDefinition = (definition: FunctionDefinition): void => {
  const refuse = (expected: string, came: unknown): never => {
    throw new Error(`function ${definition.name}: ${expected}, came ${came}`);
  };
  const { name, handler, timeoutSeconds, memoryMegabytes, reservedConcurrency } = definition;
  if (!NAME.test(name)) refuse("the name must be 1 to 64 letters, digits, - or _", name);
  if (!/^[^.]+\.[^.]+$/.test(handler)) refuse("the handler must be file.export", handler);
  if (!isWithin(timeoutSeconds, 1, 900)) refuse("the timeout must be 1 to 900 whole seconds", timeoutSeconds);
  if (!isWithin(memoryMegabytes, 128, 10_240)) refuse("the memory must be 128 to 10240 whole MB", memoryMegabytes);
  if (reservedConcurrency !== undefined && !isWithin(reservedConcurrency, 1, Number.MAX_SAFE_INTEGER)) {
    refuse("reserved concurrency must be at least 1 here (0, which switches a function off, is not implemented)", 0);
  }
};

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

/**
 * The name in a function's name, ARN or partial ARN (`ACCOUNT:function:NAME`), with or without `:$LATEST`.
 * @throws AwsFault when another version or an alias is asked for: there is only `$LATEST` here.
 */
export const nameOf = (nameOrArn: string): string => {
  const [, afterPrefix] = nameOrArn.split(/(?:^|:)function:/, 2);
  const [name = "", qualifier = "$LATEST"] = (afterPrefix ?? nameOrArn).split(":");
  if (qualifier === "$LATEST") return name;
  const message = `${nameOrArn}: versions and aliases of functions are not implemented locally, leave ":${qualifier}" out`;
  throw new AwsFault("InvalidParameterValueException", message);
};

/** What Lambda answers for a function that is not there; `code` is what Step Functions prefixes with `Lambda.`. */
export const functionNotFound = (nameOrArn: string): AwsFault =>
  new AwsFault("ResourceNotFoundException", `Function not found: ${functionArn(nameOf(nameOrArn))}`, { status: 404 });
