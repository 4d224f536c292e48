import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { KubernetesServer } from "#grid/kubernetes-server.ts";
import type { Services } from "./deploy/index.ts";
import { openEventBuses } from "./events/index.ts";
import { type LocalFunctions, openFunctions } from "./functions/index.ts";
import type { Gateway } from "./gateway.ts";
import { LOCAL_CREDENTIALS, REGION } from "./names.ts";
import { openObjects } from "./objects.ts";
import { clusterOfServer, type PodCluster, processCluster } from "./pod-cluster.ts";
import { openQueues } from "./queues.ts";
import { openStateMachines, type StateMachines } from "./states/index.ts";
import { openTables } from "./tables.ts";

export interface CloudOptions {
  readonly gateway: Gateway;
  /** Folder of what survives a restart. */
  readonly state: string;
  /** Folder that stands for an image's /app. */
  contents(image: string): string;
  /** Workers of each pool at most, in place of the machine's cores. */
  readonly workers?: number | undefined;
  /** A real cluster for masters and workers, in place of processes of this machine. */
  readonly cluster?: KubernetesServer | undefined;
  warn(message: string): void;
}

/** The local services, wired to each other, as the templates' resources need them. */
export interface Cloud {
  readonly services: Services;
  readonly stateMachines: StateMachines;
  readonly functions: LocalFunctions;
  /** Where the cluster's API is: the parameter `ClusterEndpoint` of the stacks. */
  readonly clusterEndpoint: string;
  /** PEM in Base64; empty for plain HTTP. */
  readonly clusterCertificateAuthority: string;
}

/** Opens every service behind the gateway. What is opened is closed by `opened`, last first: pods drain while queues still answer. */
export async function openCloud(options: CloudOptions, opened: AsyncDisposableStack): Promise<Cloud> {
  const { gateway, state, warn } = options;
  const keep = <T extends { close(): void | Promise<void> }>(service: T): T =>
    opened.adopt(service, async () => await service.close());
  const client = { endpoint: gateway.origin, region: REGION, credentials: LOCAL_CREDENTIALS };
  const sqs = new SQSClient({ ...client, md5: false });
  const credentials = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  };
  const environment = { AWS_ENDPOINT_URL: gateway.origin, ...credentials };

  const queues = keep(openQueues({ gateway }));
  keep(await openObjects({ gateway, folder: join(state, "objects") }));
  keep(await openTables({ gateway, folder: join(state, "tables") }));
  const functions = keep(
    openFunctions({ origin: gateway.origin, folder: join(state, "logs", "functions"), environment, warn }),
  );
  gateway.route("lambda", functions.endpoint);

  const buses = keep(
    openEventBuses({
      targets: {
        startExecution: async (stateMachineArn, input) => void (await stateMachines.start({ stateMachineArn, input })),
        invokeFunction: (arn, payload) => functions.invokeEvent(arn, payload),
        sendMessage: async (queueArn, body, attributes) => {
          await sqs.send(
            new SendMessageCommand({
              QueueUrl: `${gateway.origin}/${queueArn.split(":").slice(-2).join("/")}`,
              MessageBody: body,
              MessageAttributes: Object.fromEntries(
                Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
              ),
            }),
          );
        },
      },
      warn,
    }),
  );
  gateway.route("events", buses.endpoint);

  const stateMachines = keep(
    await openStateMachines({
      origin: gateway.origin,
      folder: join(state, "executions"),
      cluster: {
        loginOf: (roleArn) => cluster.jobs.loginOf(roleArn),
        admit: (job) => cluster.jobs.admit(job),
      },
      invokeFunction: (nameOrArn, payload) => functions.invoke(nameOrArn, payload),
      emit: ({ source, "detail-type": detailType, detail, resources, time }) =>
        void buses.put([{ source, detailType, detail, resources, time: new Date(time) }]),
    }),
  );
  gateway.route("states", stateMachines.endpoint);

  const sharedFolder = join(state, "shared");
  mkdirSync(sharedFolder, { recursive: true });
  const pods = {
    gateway,
    credentials,
    sharedFolder,
    workers: options.workers,
    queueDepth: async (queueUrl: string) => {
      const { visible, inFlight } = queues.depth(queueUrl);
      return visible + inFlight;
    },
    warn,
  };
  const cluster: PodCluster = keep(
    options.cluster === undefined
      ? processCluster({ ...pods, folder: join(state, "logs", "pods"), contents: (image) => options.contents(image) })
      : await clusterOfServer(options.cluster, pods),
  );

  return {
    services: {
      buses,
      functions,
      stateMachines,
      kubernetes: cluster,
      sqs,
      dynamodb: new DynamoDBClient(client),
      s3: new S3Client({ ...client, forcePathStyle: true }),
    },
    stateMachines,
    functions,
    clusterEndpoint: cluster.address.endpoint,
    clusterCertificateAuthority: cluster.address.certificateAuthority,
  };
}
