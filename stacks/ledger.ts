import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, ProjectionType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { ledgerName } from "#grid/names.ts";

/** The record of jobs and chunks. Index `jobs`: all jobs by the time they were submitted. */
export class Ledger extends Construct {
  private readonly table: TableV2;

  constructor(scope: Construct, id: string, { grid }: { readonly grid: string }) {
    super(scope, id);
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
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: "expiresAt",
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  get tableName(): string {
    return this.table.tableName;
  }

  /** Reads items by key. */
  grantGet(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["dynamodb:GetItem"], resourceArns: [this.table.tableArn] });
  }

  /** Reads and writes items by key. */
  grantReadWrite(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
      resourceArns: [this.table.tableArn],
    });
  }
}
