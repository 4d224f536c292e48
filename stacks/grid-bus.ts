import { Duration } from "aws-cdk-lib";
import { Archive, CfnEventBusPolicy, EventBus } from "aws-cdk-lib/aws-events";
import { AccountPrincipal, Grant, type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { BusConfig } from "#grid/config/bus.ts";
import { EVENT_SOURCE } from "#grid/events.ts";
import { EventSchemas } from "./bus/event-schemas.ts";
import { EncryptedQueue } from "./encrypted-queue.ts";

interface GridBusProps {
  readonly grid: string;
  readonly settings: BusConfig;
  readonly key: IKey;
}

/** The bus that jobs come in on and completion events go out on. It has the grid's name. */
export class GridBus extends Construct {
  readonly bus: EventBus;
  /** Known when the template is written, so that it may stand in other names. */
  readonly name: string;

  constructor(scope: Construct, id: string, { grid, settings, key }: GridBusProps) {
    super(scope, id);
    this.name = grid;
    this.bus = new EventBus(this, "Bus", {
      eventBusName: grid,
      description: "Burstgrid: job requests in, progress and completion out",
      kmsKey: key,
      // For events that cannot be decrypted; those that a target does not take have the rules' own.
      deadLetterQueue: new EncryptedQueue(this, "Dead", { queueName: `${grid}-bus-dead`, key }),
    });
    // Not `bus.archive(…)`, which drops the key.
    new Archive(this, "Archive", {
      sourceEventBus: this.bus,
      archiveName: grid,
      description: "Every event of the bus, for a replay",
      // Of every event, whatever its source and account.
      eventPattern: { version: ["0"] },
      retention: Duration.days(settings.archiveDays),
      kmsKey: key,
    });
    if (settings.publishers.length > 0) this.allowPublishers(settings.publishers);
    new EventSchemas(this, "Schemas", { grid });
  }

  grantPublish(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["events:PutEvents"], resourceArns: [this.bus.eventBusArn] });
  }

  /** Other accounts may ask for jobs. They may not speak as the grid itself. */
  private allowPublishers(accounts: readonly string[]): void {
    new CfnEventBusPolicy(this, "Publishers", {
      eventBusName: this.bus.eventBusName,
      statementId: "Publishers",
      statement: new PolicyStatement({
        sid: "Publishers",
        principals: accounts.map((account) => new AccountPrincipal(account)),
        actions: ["events:PutEvents"],
        resources: [this.bus.eventBusArn],
        conditions: { StringNotEquals: { "events:source": EVENT_SOURCE } },
      }).toStatementJson(),
    });
  }
}
