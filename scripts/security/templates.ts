/** A template and what names its resources. */
export interface StackTemplate {
  /** As CloudFormation knows the stack. */
  readonly stackName: string;
  readonly template: Template;
  /** Path of the construct that a resource is of, e.g. `Grid/Functions/AcceptRole`. */
  readonly paths: ReadonlyMap<string, string>;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** One resource of one of the templates. */
export interface Located {
  readonly stack: StackTemplate;
  readonly logicalId: string;
  readonly resource: Resource;
}

/** What a deployment fills in, as the page writes it. */
const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": "REGION",
  "AWS::AccountId": "ACCOUNT",
  "AWS::URLSuffix": "amazonaws.com",
};

/** Properties that give resources their names. */
const NAMES = [
  "Name",
  "QueueName",
  "TableName",
  "BucketName",
  "FunctionName",
  "TopicName",
  "StateMachineName",
  "LogGroupName",
];

/** The templates of all stacks, which refer to one another by their outputs. */
export class Templates {
  readonly stacks: readonly StackTemplate[];

  constructor(stacks: readonly StackTemplate[]) {
    this.stacks = stacks;
  }

  /** All resources of a type, in the order of the templates. */
  ofType(type: string): Located[] {
    return this.stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([logicalId, resource]) => ({ stack, logicalId, resource })),
    );
  }

  /** The resource that a Ref, a GetAtt or another stack's output leads to; undefined for what leads to none. */
  target(stack: StackTemplate, value: unknown): Located | undefined {
    const { Ref, "Fn::GetAtt": getAtt } = fieldsOf(value);
    const output = this.#output(value);
    if (output !== undefined) return this.target(output.stack, output.value);
    const logicalId = typeof Ref === "string" ? Ref : Array.isArray(getAtt) ? String(getAtt[0]) : undefined;
    const resource = logicalId === undefined ? undefined : stack.template.Resources[logicalId];
    return resource === undefined ? undefined : { stack, logicalId: logicalId!, resource };
  }

  /** A value as people read it: intrinsic functions are resolved, resources stand by their kinds and names. */
  text(stack: StackTemplate, value: unknown): string {
    if (typeof value === "string") return value;
    if (Array.isArray(value)) return value.map((item) => this.text(stack, item)).join(", ");
    const target = this.target(stack, value);
    if (target !== undefined) return this.nameOf(target);
    const output = this.#output(value);
    if (output !== undefined) return this.text(output.stack, output.value);
    const { Ref, "Fn::Join": join, "Fn::Sub": sub, "Fn::If": choice } = fieldsOf(value);
    if (typeof Ref === "string") return PSEUDO[Ref] ?? Ref;
    if (typeof sub === "string") return sub;
    // What holds in the regions where the condition does; elsewhere it is less, never more.
    if (Array.isArray(choice)) return this.text(stack, choice[1]);
    if (Array.isArray(join)) {
      return (join[1] as readonly unknown[]).map((part) => this.text(stack, part)).join(String(join[0]));
    }
    return JSON.stringify(value);
  }

  /** `bucket grid-ACCOUNT-REGION`; of a resource without a name the path of its construct. */
  nameOf({ stack, logicalId, resource }: Located): string {
    const kind = resource.Type.split("::").at(-1)!.toLowerCase();
    const name = NAMES.map((property) => resource.Properties?.[property]).find((value) => value !== undefined);
    return `${kind} ${name === undefined ? this.pathOf({ stack, logicalId }) : this.text(stack, name)}`;
  }

  /** Path of the construct that the resource belongs to. */
  pathOf({ stack, logicalId }: Pick<Located, "stack" | "logicalId">): string {
    return (stack.paths.get(logicalId) ?? logicalId).replace(/\/Resource$/, "");
  }

  #output(value: unknown): { readonly stack: StackTemplate; readonly value: unknown } | undefined {
    const { StackName, OutputName } = fieldsOf(fieldsOf(value)["Fn::GetStackOutput"]);
    const stack = this.stacks.find(({ stackName }) => stackName === StackName);
    const output = stack?.template.Outputs?.[String(OutputName)];
    return stack === undefined || output === undefined ? undefined : { stack, value: output.Value };
  }
}

export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
