import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

/** Reads what is encrypted with a key. */
export function grantDecrypt(key: IKey, grantee: IGrantable): void {
  key.grant(grantee, "kms:Decrypt");
}

/** Writes what is encrypted with a key. S3 and SQS decrypt too when they write: parts of an upload, a data key in use. */
export function grantEncrypt(key: IKey, grantee: IGrantable): void {
  key.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey");
}
