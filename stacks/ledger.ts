import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, type CfnGlobalTable, ProjectionType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { ledgerName } from "#grid/names.ts";

interface LedgerProps {
  readonly grid: string;
  readonly key: IKey;
}

/** The record of jobs and chunks. Index `jobs`: all jobs by the time they were submitted. */
export class Ledger extends Construct {
  private readonly table: TableV2;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { grid, key }: LedgerProps) {
    super(scope, id);
    this.key = key;
    this.table = new TableV2(this, "Table", {
      tableName: ledgerName(grid),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      billing: Billing.onDemand(),
      globalSecondaryIndexes: [
        {
          indexName: "jobs",
          partitionKey: { name: "listed", type: AttributeType.STRING },
          sortKey: { name: "submittedAt", type: AttributeType.STRING },
          projectionType: ProjectionType.ALL,
        },
      ],
      deletionProtection: true,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: "expiresAt",
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // What TableEncryptionV2.customerManagedKey would render; it refuses a stack whose region is not known at synthesis.
    const table = this.table.node.defaultChild as CfnGlobalTable;
    table.sseSpecification = { sseEnabled: true, sseType: "KMS" };
    table.addPropertyOverride("Replicas.0.SSESpecification", { KMSMasterKeyId: key.keyArn });
  }

  get tableName(): string {
    return this.table.tableName;
  }

  /** Reads items by key. */
  grantGet(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["dynamodb:GetItem"], resourceArns: [this.table.tableArn] });
    this.grantKey(grantee);
  }

  /** Reads items by key, several at once too. */
  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
      resourceArns: [this.table.tableArn],
    });
    this.grantKey(grantee);
  }

  /** Reads and writes items by key. */
  grantReadWrite(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
      resourceArns: [this.table.tableArn],
    });
    this.grantKey(grantee);
  }

  /** DynamoDB decrypts the table's own key in the caller's name, to write as well as to read. */
  private grantKey(grantee: IGrantable): void {
    this.key.grant(grantee, "kms:Decrypt", "kms:DescribeKey");
  }
}
