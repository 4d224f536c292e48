import { DeployError } from "./deploy-error.ts";

/** A CloudFormation template, as far as it is deployed here. */
export interface Template {
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
}

interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

interface TemplateOutput {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
}

/** Sections and what becomes of them. `Rules` only hold CDK's check of the bootstrap version of an account. */
const SECTIONS = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Conditions",
  "Resources",
  "Outputs",
  "Rules",
];
const KNOWN_RULES = ["CheckBootstrapVersion"];
/** The policies say what becomes of a resource when it is replaced or deleted, which never happens here. */
const RESOURCE_FIELDS = [
  "Type",
  "Properties",
  "DependsOn",
  "Condition",
  "Metadata",
  "DeletionPolicy",
  "UpdateReplacePolicy",
];

/** Refuses, by its name, a section or a resource attribute that is not deployed here. */
export function checkTemplate(stack: string, template: Template & { readonly Rules?: object }): void {
  const refuse = (place: string, names: readonly string[], known: readonly string[]) => {
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length === 0) return;
    throw new DeployError(
      `stack ${stack}: ${place}${unknown.join(", ")}: not implemented locally (known: ${known.join(", ")})`,
    );
  };
  refuse("", Object.keys(template), SECTIONS);
  refuse("Rules.", Object.keys(template.Rules ?? {}), KNOWN_RULES);
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    refuse(`resource ${logicalId}: `, Object.keys(resource), RESOURCE_FIELDS);
  }
}
