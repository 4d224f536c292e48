import { readFile } from "node:fs/promises";
import { Schema } from "effect";
import { DeployError } from "../deploy-error.ts";
import { passedOver, TAGS } from "../properties.ts";
import { provider } from "../provider.ts";

const Properties = Schema.Struct({
  StateMachineName: Schema.optionalKey(Schema.String),
  StateMachineType: Schema.optionalKey(Schema.Literal("STANDARD")),
  DefinitionS3Location: Schema.Struct({ Bucket: Schema.String, Key: Schema.String }),
  DefinitionSubstitutions: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  RoleArn: Schema.String,
  EncryptionConfiguration: passedOver("nothing is encrypted at rest here"),
  LoggingConfiguration: passedOver("an execution's history is kept whole"),
  TracingConfiguration: passedOver("nothing collects traces here"),
  Tags: TAGS,
});

export const stateMachine = provider(Properties, async (properties, resource, { services, assembly }) => {
  const name = properties.StateMachineName ?? resource.physicalName(80);
  const { Bucket, Key } = properties.DefinitionS3Location;
  const text = await readFile(assembly.file(Bucket, Key), "utf8");
  const arn = await services.stateMachines.deploy({
    name,
    definition: withSubstitutions(text, properties.DefinitionSubstitutions ?? {}, resource.name),
    roleArn: properties.RoleArn,
  });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
});

/** `${Name}` in a definition becomes its value. Throws a DeployError naming the placeholders that nothing fills. */
export function withSubstitutions(
  definition: string,
  values: Readonly<Record<string, string>>,
  resource: string,
): string {
  const missing = new Set<string>();
  const text = definition.replace(/\$\{([A-Za-z0-9_]+)\}/g, (placeholder, name: string) => {
    if (Object.hasOwn(values, name)) return values[name]!;
    missing.add(name);
    return placeholder;
  });
  if (missing.size === 0) return text;
  throw new DeployError(`${resource}: DefinitionSubstitutions lacks ${[...missing].join(", ")}`);
}
