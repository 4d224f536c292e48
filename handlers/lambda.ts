import { Logger as Powertools } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { Cause, Effect, Layer, Logger, ManagedRuntime, References, Schema } from "effect";

const powertools = new Powertools();

/** Effect's log lines leave through Powertools, as one JSON shape: `logInfo(text, fields)`, with annotations as further fields. */
const PowertoolsLogger = Logger.make<unknown, void>(({ cause, fiber, logLevel, message }) => {
  const [text, fields] = Array.isArray(message) ? message : [message];
  const write = logLevel === "Error" || logLevel === "Fatal" ? "error" : logLevel === "Warn" ? "warn" : "info";
  powertools[write](String(text), {
    ...fiber.getRef(References.CurrentLogAnnotations),
    ...(typeof fields === "object" && fields),
    ...(cause.reasons.length > 0 && { cause: Cause.pretty(cause) }),
  });
});

/**
 * A Lambda's handler: decodes the event, runs the program, encodes what it answers. The services of `layer` are built on the first event
 * and kept for the life of the sandbox. A failure is thrown as it is, so that its tag is the error's name for the state machine.
 */
export function lambda<In, Out, E, R, LE>(
  layer: Layer.Layer<R, LE>,
  {
    input,
    output,
    ids,
    run,
  }: {
    readonly input: Schema.Codec<In, unknown>;
    readonly output: Schema.Codec<Out, unknown>;
    /** Ids that stand on each log line. */
    readonly ids: (input: In) => Readonly<Record<string, unknown>>;
    readonly run: (input: In) => Effect.Effect<Out, E, R>;
  },
) {
  const runtime = ManagedRuntime.make(Layer.merge(layer, Logger.layer([PowertoolsLogger])));
  const decode = Schema.decodeUnknownEffect(input);
  const encode = Schema.encodeEffect(output);
  return (event: unknown, context: Context): Promise<unknown> => {
    powertools.addContext(context);
    return runtime.runPromise(
      decode(event).pipe(
        Effect.flatMap((decoded) => run(decoded).pipe(logFailure, Effect.annotateLogs(ids(decoded)))),
        Effect.flatMap(encode),
      ),
    );
  };
}

const logFailure = Effect.tapCause((cause: Cause.Cause<unknown>) => Effect.logError("failed", cause));
