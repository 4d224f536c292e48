import { Effect } from "effect";
import { AwsError, toAwsError } from "#grid/aws.ts";
import { BrokenRecord } from "#grid/errors.ts";
import { UserFailure } from "./user-failure.ts";

type SourceFailure = UserFailure | BrokenRecord | AwsError;

/**
 * An iteration that is handed to others, an SDK's upload or user code, which would report its failure as theirs or not at all: it keeps
 * what it threw. What neither user code nor a service of the grid threw counts as trouble with reading.
 */
export class Watched<A> implements AsyncIterable<A> {
  readonly #all: AsyncIterable<A>;
  #failure: SourceFailure | undefined;

  constructor(all: AsyncIterable<A>) {
    this.#all = all;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<A> {
    try {
      yield* this.#all;
    } catch (cause) {
      this.#failure = isNamed(cause) ? cause : toAwsError("reading a source", cause);
      throw cause;
    }
  }

  /** Whatever becomes of `upload`, what this iteration threw counts first. */
  readonly blamed = <B, E, R>(upload: Effect.Effect<B, E, R>): Effect.Effect<B, E | SourceFailure, R> =>
    upload.pipe(
      Effect.mapError((error): E | SourceFailure => this.#failure ?? error),
      Effect.flatMap(
        (done): Effect.Effect<B, SourceFailure> =>
          this.#failure === undefined ? Effect.succeed(done) : Effect.fail(this.#failure),
      ),
    );
}

const isNamed = (cause: unknown): cause is SourceFailure =>
  cause instanceof UserFailure || cause instanceof BrokenRecord || cause instanceof AwsError;
