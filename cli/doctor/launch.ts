import type { Grid } from "#grid/config.ts";
import { type Finding, ok, warn } from "./finding.ts";

/** How Step Functions starts masters with the cluster's endpoint as it is. */
export function judgeLaunch({ cluster, network }: Grid): Finding[] {
  const about = "cluster endpoint";
  if (cluster.endpoint === "private") {
    return [ok(about, "private: a Lambda in the VPC starts masters, and kubectl works from inside the VPC only")];
  }
  return [
    network.nat === "none"
      ? warn(
          about,
          "public, in a network without a way out",
          'set `cluster.endpoint` to "private" if nothing outside the VPC is to reach the Kubernetes API',
        )
      : ok(about, "public and private: Step Functions starts masters itself"),
  ];
}
