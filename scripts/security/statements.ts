import { fieldsOf, type Located, type Templates } from "./templates.ts";

/** One line of the page: who may do what, on what, and when. */
export interface Permission {
  readonly principal: string;
  readonly actions: readonly string[];
  readonly on: readonly string[];
  /** Keys of the conditions under which it holds. */
  readonly only: readonly string[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, object>>;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const statementsOf = (document: unknown): readonly Statement[] =>
  listOf(fieldsOf(document)["Statement"]) as Statement[];

const conditionsOf = ({ Condition = {} }: Statement): string[] => [
  ...new Set(Object.values(Condition).flatMap((test) => Object.keys(test))),
];

/** A role, who may act as it, and what it may do. */
export interface Principal {
  readonly path: string;
  readonly actsFor: readonly string[];
  readonly permissions: readonly Permission[];
  /** Policies of AWS's own. */
  readonly managed: readonly string[];
}

/** Every IAM role of the templates. */
export function principalsOf(templates: Templates): Principal[] {
  const policies = ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"].flatMap((type) => templates.ofType(type));
  return templates.ofType("AWS::IAM::Role").map((role) => {
    const { AssumeRolePolicyDocument, ManagedPolicyArns, Policies } = role.resource.Properties ?? {};
    const path = templates.pathOf(role);
    const attached = policies.filter(({ stack, resource }) =>
      listOf(resource.Properties?.["Roles"] ?? []).some((ref) => isSame(templates.target(stack, ref), role)),
    );
    const inline = listOf(Policies ?? []).map((policy) => [role, fieldsOf(policy)["PolicyDocument"]] as const);
    const documents = attached.map((policy) => [policy, policy.resource.Properties?.["PolicyDocument"]] as const);
    return {
      path,
      actsFor: actorsOf(templates, role, AssumeRolePolicyDocument),
      permissions: [...documents, ...inline].flatMap(([from, document]) => allowed(templates, from, document, path)),
      managed: listOf(ManagedPolicyArns ?? []).map((arn) => templates.text(role.stack, arn).split(":policy/").at(-1)!),
    };
  });
}

const isSame = (one: Located | undefined, other: Located) =>
  one !== undefined && one.stack === other.stack && one.logicalId === other.logicalId;

/** Service accounts of pods are told by the association that gives them the role. */
function actorsOf(templates: Templates, role: Located, document: unknown): string[] {
  const pods = templates
    .ofType("AWS::EKS::PodIdentityAssociation")
    .filter(({ stack, resource }) => isSame(templates.target(stack, resource.Properties?.["RoleArn"]), role))
    .map(({ resource }) => `pods of ${resource.Properties?.["Namespace"]}/${resource.Properties?.["ServiceAccount"]}`);
  const trusted = statementsOf(document).flatMap(({ Principal }) => principalTexts(templates, role, Principal));
  return pods.length > 0 ? pods : [...new Set(trusted)];
}

const principalTexts = (templates: Templates, { stack }: Located, principal: unknown): string[] =>
  typeof principal === "string"
    ? [principal]
    : Object.values(fieldsOf(principal)).flatMap((value) => listOf(value).map((one) => templates.text(stack, one)));

const allowed = (templates: Templates, { stack }: Located, document: unknown, principal: string): Permission[] =>
  statementsOf(document)
    .filter(({ Effect }) => Effect === "Allow")
    .map((statement) => ({
      principal,
      actions: [statement.Action].flat(),
      on: listOf(statement.Resource).map((resource) => templates.text(stack, resource)),
      only: conditionsOf(statement),
    }));

/** Types whose own policy says who else may use them, and the property that holds it. */
const RESOURCE_POLICIES: Readonly<Record<string, { readonly policy: string; readonly of?: string }>> = {
  "AWS::KMS::Key": { policy: "KeyPolicy" },
  "AWS::S3::BucketPolicy": { policy: "PolicyDocument", of: "Bucket" },
  "AWS::SQS::QueuePolicy": { policy: "PolicyDocument", of: "Queues" },
  "AWS::SNS::TopicPolicy": { policy: "PolicyDocument", of: "Topics" },
  "AWS::Events::EventBusPolicy": { policy: "Statement", of: "EventBusName" },
};

/** What resources themselves let others do: services of AWS, other accounts. */
export function grantsOf(templates: Templates): Permission[] {
  return Object.entries(RESOURCE_POLICIES).flatMap(([type, { policy, of }]) =>
    templates.ofType(type).flatMap((located) => {
      const { stack, resource } = located;
      const held = resource.Properties?.[policy];
      const document = policy === "Statement" ? { Statement: held } : held;
      const on =
        of === undefined
          ? [templates.nameOf(located)]
          : listOf(resource.Properties?.[of]).map((one) => templates.text(stack, one));
      return statementsOf(document)
        .filter(({ Effect, Principal }) => Effect === "Allow" && Principal !== undefined)
        .flatMap((statement) =>
          principalTexts(templates, located, statement.Principal).map((principal) => ({
            principal,
            actions: [statement.Action].flat(),
            on,
            only: conditionsOf(statement),
          })),
        );
    }),
  );
}
