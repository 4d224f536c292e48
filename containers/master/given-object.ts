import { Effect } from "effect";
import type { AwsError } from "#grid/aws.ts";
import { UserFailure } from "./user-failure.ts";

/** Answers of S3 that trying again does not change. */
const FINAL = ["NoSuchKey", "NoSuchBucket", "AccessDenied", "PermanentRedirect", "InvalidObjectState"];

/** Reading an object that the request named: that it is not there, or not for the grid to read, is the producer's mistake. */
export const givenObject = <A>(
  uri: string | undefined,
  read: Effect.Effect<A, AwsError>,
): Effect.Effect<A, AwsError | UserFailure> =>
  Effect.mapError(read, (error) =>
    FINAL.includes(error.code) ? new UserFailure(`${uri} cannot be read: ${error.code}: ${error.detail}`) : error,
  );
