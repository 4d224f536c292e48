import { ACCOUNT, REGION } from "../names.ts";

/** Resource types that mean nothing on a laptop: why, and the attributes that other resources still ask them for. */
interface Inert {
  readonly reason: string;
  attributes?(physicalName: string): Readonly<Record<string, string>>;
}

const NO_PERMISSIONS = "permissions are not enforced here";

const ONE_NETWORK = "everything here shares the machine's loopback";

const SCHEMAS = "a registry of schemas is read by people and code generators, not by the flow";

export const INERT: Readonly<Record<string, Inert>> = {
  "AWS::IAM::Role": {
    reason: NO_PERMISSIONS,
    attributes: (name) => ({ Arn: `arn:aws:iam::${ACCOUNT}:role/${name}`, RoleId: name }),
  },
  "AWS::IAM::Policy": { reason: NO_PERMISSIONS },
  "AWS::IAM::ManagedPolicy": { reason: NO_PERMISSIONS },
  "AWS::SQS::QueuePolicy": { reason: NO_PERMISSIONS },
  "AWS::S3::BucketPolicy": { reason: NO_PERMISSIONS },
  "AWS::Lambda::Permission": { reason: NO_PERMISSIONS },
  "AWS::Events::EventBusPolicy": { reason: NO_PERMISSIONS },
  "AWS::Events::Archive": { reason: "a local grid starts with the next event; nobody replays its past ones" },
  "AWS::EventSchemas::Registry": {
    reason: SCHEMAS,
    attributes: (name) => ({ RegistryName: name }),
  },
  "AWS::EventSchemas::Schema": { reason: SCHEMAS },
  "AWS::Logs::LogGroup": {
    reason: "functions and executions write their logs to files",
    attributes: (name) => ({ Arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*` }),
  },
  "AWS::KMS::Key": {
    reason: "nothing is encrypted at rest here",
    attributes: (name) => ({ Arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}`, KeyId: name }),
  },
  "AWS::KMS::Alias": { reason: "nothing is encrypted at rest here" },
  "AWS::EC2::SecurityGroup": { reason: ONE_NETWORK, attributes: (name) => ({ GroupId: name }) },
  "AWS::EC2::SecurityGroupIngress": { reason: ONE_NETWORK },
  "AWS::EC2::PlacementGroup": { reason: "no nodes are started: pods run on this machine" },
  "AWS::EKS::PodIdentityAssociation": { reason: "pods get credentials of the local services, which take any" },
  "AWS::CDK::Metadata": { reason: "statistics for the authors of CDK" },
};
