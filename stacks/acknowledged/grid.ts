import { type Finding, resource, sameReason } from "./finding.ts";

const JOBS = "<StoreBucket4FBDE984.Arn>/jobs/*";
const EACH_JOB = "Objects of jobs: their keys begin with ids that are not known before the job is there.";
const DEAD_LETTERS = "It is a dead-letter queue, of targets of EventBridge; cdk-nag knows only those of queues.";

const OF_EVERY_GRID = ["Accept", "Dispatch", "Collect", "Settle", "Conclude"].map((name) => `Functions/${name}`);

/** Of the grid with this name; `launcher`: a Lambda in the VPC starts its masters. */
export const gridFindings = (grid: string, launcher: boolean): readonly Finding[] => {
  const executions = `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${grid}-job`;
  const launcherFindings: Finding[] = [
    {
      path: "Grid/Launcher/LaunchRole/DefaultPolicy/Resource",
      rule: resource(`${executions}:*`),
      reason:
        "The launcher asks whether the execution that a master works for goes on; it may be any of the one machine.",
    },
    {
      path: "Grid/Launcher/LaunchRole/DefaultPolicy/Resource",
      rule: resource("*"),
      reason:
        "X-Ray segments have no resource to name. Lambda's network interfaces in the VPC: their ids are not known before, and describing them takes no resource.",
    },
  ];
  return [
    ...(launcher ? launcherFindings : []),
    { path: "Grid/Bus/Dead/Resource", rule: "SQS3", reason: DEAD_LETTERS },
    { path: "Grid/Rules/Dead/Resource", rule: "SQS3", reason: DEAD_LETTERS },
    ...["Functions/Accept", "Functions/Dispatch", "Functions/Collect", "Functions/Settle", "Intake/Function"].map(
      (name) => ({ path: `Grid/${name}Role/DefaultPolicy/Resource`, rule: resource(JOBS), reason: EACH_JOB }),
    ),
    ...[...OF_EVERY_GRID, "Intake/Function"].map((name) => ({
      path: `Grid/${name}Role/DefaultPolicy/Resource`,
      rule: resource("*"),
      reason: "X-Ray segments: AWS has no resource to name for them.",
    })),
    {
      path: "Grid/Functions/ConcludeRole/DefaultPolicy/Resource",
      rule: resource(`${executions}:*`),
      reason: "Conclude asks how any execution of the grid's one machine ended.",
    },
    {
      path: "Grid/Job/Machine/Resource",
      rule: "SF1",
      reason:
        "Errors are logged; every other event is in the execution's history for 90 days. Logging all of them would cost more than the states of a job of many chunks.",
    },
    ...sameReason(
      "Grid/Job/Role/DefaultPolicy/Resource",
      EACH_JOB,
      resource(JOBS),
      resource("<StoreBucket4FBDE984.Arn>/jobs/*/map-runs/*"),
    ),
    {
      path: "Grid/Job/Role/DefaultPolicy/Resource",
      rule: resource("*"),
      reason: "X-Ray segments and the delivery of the machine's log: AWS has no resource to name for them.",
    },
    {
      path: "Grid/Job/Role/DefaultPolicy/Resource",
      rule: resource(`${executions}:*`),
      reason: "A Distributed Map watches and stops its children, which are executions of the same machine.",
    },
    {
      path: "Grid/Job/Role/DefaultPolicy/Resource",
      rule: resource(`${executions}/*`),
      reason: "A redrive goes on to the children of the machine's Map Runs, whose names begin with the Map's label.",
    },
  ];
};
