/** The region every local ARN carries. */
export const REGION = "us-east-1";

/** The account every local ARN carries. */
export const ACCOUNT = "000000000000";

/** What clients of the local services sign with: any credentials would do. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;
