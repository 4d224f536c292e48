import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeTableCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, GetQueueUrlCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Deployed, deploy, readAssembly, type Services } from "#local/deploy/index.ts";
import { startGateway } from "#local/gateway.ts";
import { openObjects } from "#local/objects.ts";
import { DEPLOYED_STACKS, platformStandIns } from "#local/platform.ts";
import { openQueues } from "#local/queues.ts";
import { openTables } from "#local/tables.ts";
import { type SynthesizedFixture, synthesizeFixture } from "../../stacks/synthesize-fixture.ts";
import { type Recording, recordingServices } from "./recording-services.ts";

const OPTIONS = {
  stacks: DEPLOYED_STACKS,
  standIns: platformStandIns({ clusterEndpoint: "http://127.0.0.1:1/kubernetes", clusterCertificateAuthority: "" }),
};

const opened = new AsyncDisposableStack();
let fixture: SynthesizedFixture;
let services: Services;
let recording: Recording;
let deployed: Deployed;
beforeAll(async () => {
  fixture = opened.use(await synthesizeFixture());
  const folder = await mkdtemp(join(tmpdir(), "burstgrid-deploy-test-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const gateway = opened.adopt(await startGateway({ port: 0 }), (open) => open.close());
  opened.adopt(openQueues({ gateway }), (queues) => queues.close());
  opened.adopt(openObjects({ gateway, folder: join(folder, "objects") }), (objects) => objects.close());
  opened.adopt(await openTables({ gateway, folder: join(folder, "tables") }), (tables) => tables.close());
  ({ services, recording } = recordingServices(gateway.origin));
  deployed = await deploy({
    assembly: await readAssembly(fixture.assembly),
    ...OPTIONS,
    services,
  });
});
afterAll(() => opened.disposeAsync());

describe("queues", () => {
  it("have the attributes of the template, their dead-letter queue included", async () => {
    const { QueueUrl } = await services.sqs.send(new GetQueueUrlCommand({ QueueName: "demo-general-high" }));
    const { Attributes } = await services.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({ VisibilityTimeout: "30", MessageRetentionPeriod: "1209600" });
    expect(JSON.parse(Attributes!["RedrivePolicy"]!)).toEqual({
      deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:demo-general-dead",
      maxReceiveCount: 50,
    });
  });
});

describe("the table", () => {
  it("has the keys and the index of the template", async () => {
    const { Table } = await services.dynamodb.send(new DescribeTableCommand({ TableName: "demo-ledger" }));
    expect(Table?.KeySchema).toEqual([{ AttributeName: "pk", KeyType: "HASH" }]);
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(["jobs"]);
  });
});

describe("functions", () => {
  it("get the code that was bundled for them, and their environment", async () => {
    expect(recording.functions.map(({ name }) => name).toSorted()).toEqual(
      ["accept", "collect", "conclude", "dispatch", "intake", "settle"].map((name) => `demo-${name}`),
    );
    const dispatch = recording.functions.find(({ name }) => name === "demo-dispatch")!;
    expect(dispatch).toMatchObject({
      handler: "index.handler",
      timeoutSeconds: 120,
      memoryMegabytes: 1024,
      environment: {
        BURSTGRID_LEDGER: "demo-ledger",
        BURSTGRID_BUCKET: "demo-000000000000-us-east-1",
        BURSTGRID_BUS: "demo",
      },
    });
    expect(await readFile(join(dispatch.code, "index.mjs"), "utf8")).toContain("dispatch");
  });

  it("are fed from the completion queues after both are there", () => {
    expect(recording.mappings).toEqual([
      {
        functionName: "demo-collect",
        queueArn: "arn:aws:sqs:us-east-1:000000000000:demo-completions-bulk",
        queueUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/000000000000\/demo-completions-bulk$/),
        batchSize: 1000,
        windowSeconds: 1,
        reportBatchItemFailures: true,
        maximumConcurrency: expect.any(Number),
      },
      expect.objectContaining({ batchSize: 10, windowSeconds: 0 }),
    ]);
  });
});

describe("the state machine", () => {
  it("is the file of the project with all placeholders filled in", () => {
    const [machine] = recording.stateMachines;
    expect(machine?.name).toBe("demo-job");
    expect(machine?.definition).not.toMatch(/\$\{/);
    const { States } = JSON.parse(machine!.definition);
    expect(States.Accept.Arguments.FunctionName).toBe("arn:function:demo-accept");
    expect(States.Split.Arguments).toMatchObject({
      ClusterName: "demo",
      Endpoint: "http://127.0.0.1:1/kubernetes",
      CertificateAuthority: "",
    });
  });

  it("names images that the assembly has a folder for", async () => {
    const assembly = await readAssembly(fixture.assembly);
    const uris = recording.stateMachines[0]!.definition.match(/\d+\.dkr\.ecr\.[^']+/g)!;
    expect(new Set(uris).size).toBe(2);
    for (const uri of uris) {
      expect(await readFile(join(assembly.image(uri), "app/grid.json"), "utf8")).toContain('"demo"');
    }
  });
});

describe("rules", () => {
  it("go on their bus with targets, dead-letter queues and patterns", () => {
    expect(recording.buses).toEqual(["demo"]);
    expect(recording.rules).toContainEqual({
      name: "demo-requested",
      bus: "demo",
      state: "ENABLED",
      pattern: { "detail-type": ["Grid Job Requested"] },
      targets: [
        {
          id: "Target0",
          arn: "arn:stateMachine:demo-job",
          deadLetterArn: "arn:aws:sqs:us-east-1:000000000000:demo-rules-dead",
          retryAttempts: 185,
          maximumEventAgeSeconds: 86_400,
        },
      ],
    });
    expect(recording.rules.map(({ name, bus }) => [name, bus])).toContainEqual(["demo-status-changes", "default"]);
  });
});

describe("manifests", () => {
  it("are applied as objects, each after its namespace, with names of the local services in them", () => {
    const manifests = recording.manifests as { kind: string; metadata: { name: string } }[];
    expect(manifests[0]).toMatchObject({ kind: "Namespace", metadata: { name: "grid" } });
    const scaled = manifests.find(
      ({ kind, metadata }) => kind === "ScaledObject" && metadata.name === "grid-worker-general",
    );
    expect(JSON.stringify(scaled)).toMatch(/http:\/\/127\.0\.0\.1:\d+\/000000000000\/demo-general-high/);
    const worker = manifests.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === "grid-worker-general",
    );
    expect(JSON.stringify(worker)).toContain('"demo-000000000000-us-east-1"');
  });
});

it("outputs tell names and ARNs", () => {
  expect(deployed.outputs["Grid"]).toMatchObject({
    BusName: "demo",
    BucketName: "demo-000000000000-us-east-1",
    LedgerName: "demo-ledger",
    StateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:demo-job",
  });
});

it("deploying again keeps what tables hold and makes no second bucket or queue", async () => {
  await services.dynamodb.send(new PutItemCommand({ TableName: "demo-ledger", Item: { pk: { S: "job#1" } } }));
  const queues = await services.sqs.send(new ListQueuesCommand({}));
  await deploy({ assembly: await readAssembly(fixture.assembly), ...OPTIONS, services });
  expect((await services.dynamodb.send(new ScanCommand({ TableName: "demo-ledger" }))).Count).toBe(1);
  expect((await services.s3.send(new ListBucketsCommand({}))).Buckets).toHaveLength(1);
  expect(await services.sqs.send(new ListQueuesCommand({}))).toMatchObject({ QueueUrls: queues.QueueUrls });
});
