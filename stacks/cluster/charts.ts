import { Duration } from "aws-cdk-lib";
import { type Cluster, HelmChart } from "aws-cdk-lib/aws-eks-v2";
import type { Construct, IDependable } from "constructs";

interface Chart {
  readonly name: string;
  readonly version: string;
  /** Of its publisher; with `oci://` it is the chart itself. */
  readonly repository: string;
  readonly namespace: string;
}

/** The Helm charts of the cluster, each pinned. Karpenter takes Kubernetes 1.36 from 1.13 on. */
export const CHARTS = {
  karpenter: {
    name: "karpenter",
    version: "1.14.1",
    repository: "oci://public.ecr.aws/karpenter/karpenter",
    namespace: "kube-system",
  },
  keda: {
    name: "keda",
    version: "2.20.2",
    repository: "https://kedacore.github.io/charts",
    namespace: "keda",
  },
  nvidiaDevicePlugin: {
    name: "nvidia-device-plugin",
    version: "0.20.0",
    repository: "https://nvidia.github.io/k8s-device-plugin",
    namespace: "kube-system",
  },
  efaDevicePlugin: {
    name: "aws-efa-k8s-device-plugin",
    version: "v0.5.30",
    repository: "https://aws.github.io/eks-charts",
    namespace: "kube-system",
  },
} as const satisfies Readonly<Record<string, Chart>>;

interface PinnedChartProps {
  readonly cluster: Cluster;
  readonly chart: Chart;
  /** Registry of the account that has the chart under `charts/`, in place of its publisher's. */
  readonly mirror: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  /** What its pods need to run. */
  readonly after: readonly IDependable[];
}

/** A chart of the table, as a release of its own name; done when its pods are ready. */
export class PinnedChart extends HelmChart {
  constructor(scope: Construct, id: string, { cluster, chart, mirror, values, after }: PinnedChartProps) {
    const repository = mirror === undefined ? chart.repository : `oci://${mirror}/charts/${chart.name}`;
    super(scope, id, {
      cluster,
      chart: chart.name,
      release: chart.name,
      version: chart.version,
      repository,
      namespace: chart.namespace,
      values: { ...values },
      wait: true,
      timeout: Duration.minutes(10),
    });
    this.node.addDependency(...after);
  }
}

/** The values that take an image from the mirror; none without one. */
export const mirrored = (
  mirror: string | undefined,
  values: (registry: string) => Readonly<Record<string, unknown>>,
) => (mirror === undefined ? {} : values(mirror));
