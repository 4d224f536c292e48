import type { StandIns } from "./deploy/index.ts";
import { ACCOUNT, REGION } from "./names.ts";

/** The stacks that a local grid deploys. What the others give to these is stood in for. */
export const DEPLOYED_STACKS = ["Grid", "Pools"] as const;

const NO_NODES = "no nodes are started: pods run on this machine";

/** Where the Kubernetes API is that masters and workers run by. */
interface StandInCluster {
  readonly clusterEndpoint: string;
  /** PEM in Base64; empty for the API in this process, which is plain HTTP on loopback. */
  readonly clusterCertificateAuthority: string;
}

/** For the platform's resources. */
export const platformStandIns = ({ clusterEndpoint, clusterCertificateAuthority }: StandInCluster): StandIns => ({
  "AWS::EKS::Cluster": {
    reason: "a Kubernetes API is served in this process, or by the cluster of a kubeconfig",
    ref: "local",
    attributes: {
      Arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/local`,
      Endpoint: clusterEndpoint,
      CertificateAuthorityData: clusterCertificateAuthority,
      ClusterSecurityGroupId: "local",
    },
  },
  "AWS::EC2::VPC": { reason: "everything here shares the machine's loopback", ref: "local", attributes: {} },
  "AWS::EC2::Subnet": { reason: NO_NODES, ref: "local", attributes: {} },
  "AWS::IAM::InstanceProfile": { reason: NO_NODES, ref: "local", attributes: {} },
  "AWS::FSx::FileSystem": {
    reason: "a folder is the shared file system",
    ref: "local",
    attributes: { DNSName: "local", LustreMountName: "local" },
  },
  "AWS::S3::Bucket": { reason: "nothing logs accesses here", ref: "local", attributes: {} },
  "AWS::Lambda::Function": {
    reason: "manifests are applied in this process, not by CDK's kubectl provider",
    ref: "local",
    attributes: { Arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:local` },
  },
});
