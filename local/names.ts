/** The region every local ARN carries. */
export const REGION = "us-east-1";

/** The account every local ARN carries. */
export const ACCOUNT = "000000000000";
