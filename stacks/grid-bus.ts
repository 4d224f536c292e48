import { EventBus } from "aws-cdk-lib/aws-events";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/** The bus that jobs come in on and completion events go out on. It has the grid's name. */
export class GridBus extends Construct {
  readonly bus: EventBus;
  /** Known when the template is written, so that it may stand in other names. */
  readonly name: string;

  constructor(scope: Construct, id: string, { grid }: { readonly grid: string }) {
    super(scope, id);
    this.name = grid;
    this.bus = new EventBus(this, "Bus", {
      eventBusName: grid,
      description: "Burstgrid: job requests in, progress and completion out",
    });
  }

  grantPublish(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["events:PutEvents"], resourceArns: [this.bus.eventBusArn] });
  }
}
