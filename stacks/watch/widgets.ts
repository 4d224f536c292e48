import {
  GraphWidget,
  type IMetric,
  type IWidget,
  Row,
  TextWidget,
  TextWidgetBackground,
} from "aws-cdk-lib/aws-cloudwatch";

/** A dashboard has 24 columns. */
export const FULL_WIDTH = 24;
const PER_ROW = 3;

/** A line with the name of what the rows below are about. */
export const heading = (text: string): IWidget =>
  new TextWidget({
    markdown: `## ${text}`,
    width: FULL_WIDTH,
    height: 1,
    background: TextWidgetBackground.TRANSPARENT,
  });

/** A graph a third of the dashboard wide. */
export const graph = (title: string, label: string, metrics: readonly IMetric[]): GraphWidget =>
  new GraphWidget({
    title,
    width: FULL_WIDTH / PER_ROW,
    height: 6,
    left: [...metrics],
    leftYAxis: { min: 0, label, showUnits: false },
  });

/** Widgets side by side. */
export const row = (...widgets: readonly IWidget[]): IWidget => new Row(...widgets);
