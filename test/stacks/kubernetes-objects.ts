import type { Template } from "aws-cdk-lib/assertions";

/** A Kubernetes object of a manifest; what is in it is for the test to know. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: read field by field, as a client without types does
  readonly [field: string]: any;
}

/** Text of a template, with a token's name in place of its value. */
export const flat = (text: string | { "Fn::Join": [string, unknown[]] }): string =>
  typeof text === "string"
    ? text
    : text["Fn::Join"][1].map((part) => (typeof part === "string" ? part : nameIn(part as object))).join("");

const nameIn = (token: object): string =>
  JSON.stringify(token)
    .replaceAll(/[^\w:.-]/g, " ")
    .trim();

/** All objects that a template applies, in its order. */
export const kubernetesObjects = (template: Template): KubernetesObject[] =>
  Object.values(template.findResources("Custom::AWSCDK-EKS-KubernetesResource")).flatMap(
    ({ Properties }) => JSON.parse(flat(Properties.Manifest)) as KubernetesObject[],
  );

/** Values of a Helm release, by its name. */
export function chartValues(template: Template, release: string): Record<string, unknown> {
  const charts = Object.values(
    template.findResources("Custom::AWSCDK-EKS-HelmChart", { Properties: { Release: release } }),
  );
  return JSON.parse(flat(charts[0]!["Properties"].Values)) as Record<string, unknown>;
}
