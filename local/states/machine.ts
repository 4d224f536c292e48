import { createHash } from "node:crypto";
import { stateMachineArn } from "./arns.ts";
import { parseDefinition } from "./language/definition.ts";
import type { MachineDefinition } from "./language/types.ts";

/** A deployed state machine as of one definition; executions keep the one they started with. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definition: MachineDefinition;
  /** The definition as it was given. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly creationDate: number;
  readonly updateDate: number;
  readonly revisionId: string;
}

/**
 * @param previous the machine of this name before, if there was one.
 * @throws InvalidDefinition when the engine cannot run the definition.
 */
export const machineOf = (
  given: { name: string; definition: string; roleArn: string },
  previous: Machine | undefined,
): Machine => {
  const now = Date.now();
  return {
    arn: stateMachineArn(given.name),
    name: given.name,
    roleArn: given.roleArn,
    definition: parseDefinition(given.name, given.definition),
    text: given.definition,
    creationDate: previous?.creationDate ?? now,
    updateDate: now,
    revisionId: createHash("sha256").update(given.definition).update(given.roleArn).digest("hex").slice(0, 32),
  };
};
