import { type Finding, resource } from "./finding.ts";

/** Of the grid with this name, and these pools. */
export const poolsFindings = (grid: string, pools: readonly string[]): readonly Finding[] =>
  ["Master", ...pools.map((pool) => `Pool-${pool}/Identity`)].map((identity) => ({
    path: `Pools/${identity}/Pods/Role/DefaultPolicy/Resource`,
    rule: resource(
      `{"Fn::GetStackOutput":{"StackName":"${grid}-grid","Region":{"Ref":"AWS::Region"},"OutputName":"PublishOutputFnGetAttStoreBucket4FBDE984Arn1428C095"}}/jobs/*`,
    ),
    reason: "Masters and workers read and write the objects of any job: one pod serves many, one after the other.",
  }));
