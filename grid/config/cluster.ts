import { Schema } from "effect";
import { LogDays, Positive, withDefault } from "./fields.ts";

const RoleArn = Schema.String.check(
  Schema.isPattern(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, {
    message: 'expected the ARN of an IAM role such as "arn:aws:iam::123456789012:role/operators"',
  }),
);

const Destination = Schema.Struct({
  /** IPv4 range. */
  cidr: Schema.String.check(
    Schema.isPattern(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, { message: 'expected an IPv4 range such as "10.0.0.0/8"' }),
  ),
  /** TCP ports. */
  ports: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))).check(Schema.isMinLength(1)),
});

/** The nodes of controllers and masters: on demand, over all zones, always there. */
const SystemNodes = Schema.Struct({
  /** EC2 types of x86-64, the first preferred. Default m7i.large, m6i.large: $0.10 an hour each, $221 a month for three. */
  instanceTypes: withDefault(Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1)), [
    "m7i.large",
    "m6i.large",
  ]),
  /** Default 3: one a zone. */
  min: withDefault(Positive, 3),
  /** Room for the new ones when nodes are replaced; nothing starts more by itself. Default 6. */
  max: withDefault(Positive, 6),
}).check(
  Schema.makeFilter(
    ({ min, max }) => min <= max || { path: ["max"], issue: `expected ${min} (min) or more, came ${max}` },
  ),
);

/**
 * The EKS cluster. It costs $73 a month (us-east-1 list price, 730 hours), and its system nodes come on top; workers cost nothing while
 * no job runs.
 */
export const ClusterConfig = Schema.Struct({
  /**
   * Who reaches the Kubernetes API. "public-and-private": the internet too, behind IAM; Step Functions runs masters itself. "private":
   * the VPC alone; a Lambda in the VPC runs masters, as Step Functions reaches only public endpoints. Default "public-and-private".
   */
  endpoint: withDefault(Schema.Literals(["public-and-private", "private"]), "public-and-private"),
  /** IAM roles of people who administer the cluster (AmazonEKSClusterAdminPolicy). Default none. */
  admins: withDefault(Schema.Array(RoleArn).check(Schema.isUnique()), []),
  systemNodes: withDefault(SystemNodes, {}),
  /** Masters that may run at a time: the namespace's quota has room for them beside the workers. Default 100. */
  masters: withDefault(Positive, 100),
  /**
   * Where masters and workers may connect to, beside cluster DNS, EKS Pod Identity and Vault. Default HTTPS to anywhere: the endpoints
   * of S3 and DynamoDB have public addresses even inside the VPC.
   */
  egress: withDefault(Schema.Array(Destination), [{ cidr: "0.0.0.0/0", ports: [443] }]),
  /**
   * AMI alias of the nodes that Karpenter starts, e.g. "al2023@v20261101". "al2023@latest" replaces nodes, drained and one in ten at a
   * time, when Amazon releases an image. Default "al2023@latest".
   */
  nodeImage: withDefault(
    Schema.String.check(
      Schema.isPattern(/^al2023@(latest|v\d{8})$/, {
        message: 'expected "al2023@latest" or "al2023@v" and eight digits',
      }),
    ),
    "al2023@latest",
  ),
  /**
   * A registry of the account that holds the Helm charts under `charts/` and the images of the controllers under their upstream paths
   * (docs/deploy.md lists them), e.g. "123456789012.dkr.ecr.eu-west-1.amazonaws.com". Needed where the network has no way out; without
   * it they come from their publishers.
   */
  mirror: Schema.optionalKey(
    Schema.String.check(
      Schema.isPattern(/^[a-z0-9.-]+(\/[a-z0-9._/-]+)?$/, {
        message: "expected a registry's host name, without a scheme",
      }),
    ),
  ),
  /** Days that the control plane's logs are kept ($0.50 a GB taken in). Default 30. */
  logDays: withDefault(LogDays, 30),
});
export type ClusterConfig = typeof ClusterConfig.Type;
