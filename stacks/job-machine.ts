import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { Grant, type IGrantable, type IRole, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  type IStateMachine,
  LogLevel,
  StateMachine,
  StateMachineType,
} from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { NAMESPACE } from "#grid/names.ts";
import type { GridKeys } from "./foundation/keys.ts";
import type { GridBus } from "./grid-bus.ts";
import type { GridFunctions } from "./grid-functions.ts";
import type { JobStore } from "./job-store.ts";
import { grantDecrypt } from "./key-grants.ts";
import type { Launcher } from "./launcher.ts";
import type { Ledger } from "./ledger.ts";

/** The Kubernetes cluster where masters run, as Step Functions reaches it. */
interface Cluster {
  readonly name: string;
  readonly endpoint: string;
  /** PEM in Base64. */
  readonly certificateAuthority: string;
}

interface JobMachineProps {
  readonly grid: string;
  /** File in the Amazon States Language. */
  readonly definition: string;
  readonly bus: GridBus;
  readonly store: JobStore;
  readonly ledger: Ledger;
  readonly functions: GridFunctions;
  /** URI of each pool's image. */
  readonly images: ReadonlyMap<string, string>;
  readonly cluster: Cluster;
  /** Runs masters where the cluster's API is private; without it Step Functions does. */
  readonly launcher?: Launcher | undefined;
  readonly keys: GridKeys;
  /** Days that its log is kept. */
  readonly logDays: RetentionDays;
}

/** The longest that Step Functions uses a data key without asking KMS for another. */
const DATA_KEY_REUSE = Duration.minutes(15);

/** The state machine `grid-job`: one execution a job. */
export class JobMachine extends Construct {
  readonly machine: IStateMachine;
  /** Written out from its name, so that the functions it calls may be granted rights on it. */
  readonly arn: string;
  readonly role: Role;
  /** Whom the cluster lets start masters. */
  readonly launcherRole: IRole;
  private readonly name: string;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, props: JobMachineProps) {
    super(scope, id);
    const { functions, cluster, launcher, keys } = props;
    this.key = keys.data;
    this.name = `${props.grid}-job`;
    this.arn = this.arnOf("stateMachine", this.name);
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("states.amazonaws.com") });
    this.launcherRole = launcher?.role ?? this.role;
    this.grantFlow(props);
    this.machine = new StateMachine(this, "Machine", {
      stateMachineName: this.name,
      stateMachineType: StateMachineType.STANDARD,
      role: this.role,
      definitionBody: DefinitionBody.fromFile(props.definition),
      definitionSubstitutions: {
        AcceptFunction: functions.accept.functionArn,
        DispatchFunction: functions.dispatch.functionArn,
        SettleFunction: functions.settle.functionArn,
        ConcludeFunction: functions.conclude.functionArn,
        LedgerTable: props.ledger.tableName,
        Bucket: props.store.bucketName,
        BusName: props.bus.name,
        GridName: props.grid,
        Region: Stack.of(this).region,
        ...(launcher === undefined
          ? {
              ClusterName: cluster.name,
              ClusterEndpoint: cluster.endpoint,
              ClusterCertificateAuthority: cluster.certificateAuthority,
              Namespace: NAMESPACE,
            }
          : { LaunchFunction: launcher.functionArn }),
        Images: jsonataObject(props.images),
      },
      encryptionConfiguration: new CustomerManagedEncryptionConfiguration(keys.data, DATA_KEY_REUSE),
      tracingEnabled: true,
      logs: {
        level: LogLevel.ERROR,
        destination: new LogGroup(this, "Log", { retention: props.logDays, encryptionKey: keys.logs }),
      },
    });
  }

  /** Ends states that wait for a task token. Step Functions takes a token's rights from the machine's ARN. */
  grantCallBack(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["states:SendTaskSuccess", "states:SendTaskFailure"],
      resourceArns: [this.arn],
    });
  }

  grantDescribe(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["states:DescribeExecution"],
      resourceArns: [this.arnOf("execution", `${this.name}:*`)],
    });
    grantDecrypt(this.key, grantee);
  }

  /** What the states themselves do. `eks:runJob` needs no IAM action: the cluster's access entry for the role decides. */
  private grantFlow({ functions, ledger, store, launcher }: JobMachineProps): void {
    const allow = (actions: string[], resourceArns: string[]) =>
      Grant.addToPrincipal({ grantee: this.role, actions, resourceArns });
    allow(
      ["lambda:InvokeFunction"],
      [functions.accept, functions.dispatch, functions.settle, functions.conclude, ...(launcher ? [launcher] : [])].map(
        ({ functionArn }) => functionArn,
      ),
    );
    ledger.grantGet(this.role);
    store.grantRead(this.role);
    store.grantWrite(this.role, "jobs/*/map-runs/*");
    // A Distributed Map starts its children as executions of its own machine; a redrive redrives them by Map Run.
    allow(["states:StartExecution"], [this.arn]);
    allow(["states:DescribeExecution", "states:StopExecution"], [this.arnOf("execution", `${this.name}:*`)]);
    allow(["states:RedriveExecution"], [this.arnOf("execution", `${this.name}/*`)]);
  }

  private arnOf(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({
      service: "states",
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

/** A JSONata object literal in single quotes, which may stand inside a JSON string. */
const jsonataObject = (entries: ReadonlyMap<string, string>) =>
  `{${[...entries].map(([name, value]) => `'${name}':'${value}'`).join(",")}}`;
