import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { Article } from "./articles.ts";

interface GridAlarmsProps {
  readonly grid: string;
  readonly topic: ITopic;
  /** Where the runbook is read. */
  readonly runbook: string;
}

export interface GridAlarm {
  readonly article: Article;
  /** What it is about, where the grid has several such alarms: the name of a queue or a function. */
  readonly subject?: string;
  /** What is the matter, in a sentence. */
  readonly says: string;
  readonly metric: IMetric;
  /** The alarm goes off above it, or below it where `below` is true. */
  readonly threshold: number;
  readonly below?: boolean;
  /** Periods of the metric that must all be over the threshold. Default 1. */
  readonly periods?: number;
  /** What it means that there are no values. Default: all is well. */
  readonly missing?: TreatMissingData;
}

/** The grid's alarms: each tells the topic when it goes off and when all is well again, and links to its article in the runbook. */
export class GridAlarms extends Construct {
  private readonly props: GridAlarmsProps;
  readonly alarms: Alarm[] = [];

  constructor(scope: Construct, id: string, props: GridAlarmsProps) {
    super(scope, id);
    this.props = props;
  }

  add({ article, subject, says, metric, threshold, below, periods, missing }: GridAlarm): void {
    const { grid, topic, runbook } = this.props;
    // Subjects bear the grid's name already, as all its resources do.
    const name = subject === undefined ? article : `${article}-${subject.replace(`${grid}-`, "")}`;
    const alarm = new Alarm(this, name, {
      alarmName: `${grid}-${name}`,
      alarmDescription: `${says} See ${runbook}#${article}`,
      metric,
      threshold,
      comparisonOperator: below ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods ?? 1,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    this.alarms.push(alarm);
  }
}

/** Most metrics of AWS services have a value a minute. */
export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);
