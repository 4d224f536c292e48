import { EvaluationFailure, StateFailure } from "../failure.ts";
import { copyOf, type Data, type Json, type JsonObject } from "../json.ts";
import { type Bindings, evaluateTemplate, evaluateTo } from "../language/expression.ts";
import type { NumberField, State, StateGroup } from "../language/types.ts";
import type { Place } from "../records/progress.ts";
import type { EventDetails, EventType } from "../records/types.ts";
import type { Cancellation } from "./cancellation.ts";
import type { ExecutionRun } from "./run.ts";

/** Bytes of an input, output or result [Step Functions guide, service-quotas]. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** A level of states being run: the machine's own, or an iteration of an inline Map. */
export interface Level {
  readonly run: ExecutionRun;
  readonly group: StateGroup;
  readonly place: Place;
  /** Ends this level: the execution's, or that of the inline Map around it. */
  readonly cancellation: Cancellation;
  variables: JsonObject;
  /** The latest event of this level. */
  lastEventId: number;
}

/** What leaving a state gives. */
export interface Exit {
  readonly output: Data;
  readonly next: string | undefined;
  readonly variables: JsonObject;
}

/** What a state's expressions may see beside its input. */
interface Extra {
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly mapItem?: { readonly Index: number; readonly Value: Json };
}

/** One state from its entry to its exit, retries included. */
export class StateVisit<S extends State = State> {
  readonly level: Level;
  readonly name: string;
  readonly state: S;
  readonly input: Data;
  readonly enteredEventId: number;
  readonly #enteredTime: string;
  retryCount = 0;
  /** Of a Task that has one. */
  taskToken: string | undefined;

  constructor(options: {
    level: Level;
    name: string;
    state: S;
    input: Data;
    enteredEventId: number;
    enteredTime: number;
  }) {
    this.level = options.level;
    this.name = options.name;
    this.state = options.state;
    this.input = options.input;
    this.enteredEventId = options.enteredEventId;
    this.#enteredTime = new Date(options.enteredTime).toISOString();
  }

  get cancellation(): Cancellation {
    return this.level.cancellation;
  }

  get run(): ExecutionRun {
    return this.level.run;
  }

  /** Adds an event after the level's latest one. */
  append(type: EventType, details: EventDetails): void {
    const { run, lastEventId, place } = this.level;
    this.level.lastEventId = run.append(type, details, lastEventId, { place });
  }

  /** `$states.context` [Step Functions guide, input-output-contextobject]. */
  context(extra: Extra = {}): JsonObject {
    return {
      ...this.run.context,
      State: { Name: this.name, EnteredTime: this.#enteredTime, RetryCount: this.retryCount },
      ...(this.taskToken === undefined ? {} : { Task: { Token: this.taskToken } }),
      ...(extra.mapItem === undefined ? {} : { Map: { Item: { ...extra.mapItem } } }),
    };
  }

  /** Evaluates a field of the state. @throws EvaluationFailure */
  async evaluate(field: string, template: Json, extra?: Extra): Promise<Json> {
    return evaluateTemplate(template, this.#bindings(extra), field);
  }

  /** Evaluates a field that must give a value of some kind. @throws EvaluationFailure */
  async evaluateTo<T extends Json>(
    field: string,
    template: Json,
    expected: { readonly kind: string; readonly is: (value: Json) => value is T },
  ): Promise<T> {
    return evaluateTo(template, this.#bindings(), field, expected);
  }

  /** Evaluates a field that gives a number from 0 up. @throws EvaluationFailure */
  async number(field: string, template: NumberField): Promise<number> {
    if (typeof template === "number") return template;
    return this.evaluateTo(field, template, { kind: "number from 0 up", is: isNotNegative });
  }

  /**
   * Ends the visit: `Output` and `Assign` see the same variables, those of the state's entry.
   * @param options.output what goes on without an `Output`.
   */
  async leave(options: {
    output: Data;
    next: string | undefined;
    fields: { readonly Output?: Json; readonly Assign?: JsonObject };
    extra?: Extra;
  }): Promise<Exit> {
    const { fields, extra } = options;
    const output =
      fields.Output === undefined ? options.output : copyOf(await this.evaluate("Output", fields.Output, extra));
    this.checkSize("output", output.text);
    return { output, next: options.next, variables: await this.#assign(fields.Assign, extra) };
  }

  /** @throws StateFailure States.DataLimitExceeded over 256 KiB. */
  checkSize(what: string, text: string): void {
    // A character is at most 3 bytes of UTF-8 for each 16 bits of the string.
    if (text.length * 3 <= MAX_PAYLOAD_BYTES) return;
    const bytes = Buffer.byteLength(text);
    if (bytes <= MAX_PAYLOAD_BYTES) return;
    throw new StateFailure(
      "States.DataLimitExceeded",
      `The state '${this.name}' has an ${what} of ${bytes} bytes, which exceeds the maximum of ${MAX_PAYLOAD_BYTES} bytes.`,
    );
  }

  /** Any error as the failure of this state; what is no failure of a state is passed on. */
  failureOf(error: unknown): StateFailure {
    if (error instanceof EvaluationFailure) return error.in(this.name, this.enteredEventId);
    if (error instanceof StateFailure) return error;
    throw error;
  }

  async #assign(assign: JsonObject | undefined, extra: Extra | undefined): Promise<JsonObject> {
    const { variables } = this.level;
    if (assign === undefined) return variables;
    const assigned = copyOf(await this.evaluate("Assign", assign, extra));
    this.checkSize("Assign", assigned.text);
    return { ...variables, ...(assigned.value as JsonObject) };
  }

  #bindings(extra: Extra = {}): Bindings {
    return {
      states: {
        input: this.input.value,
        context: this.context(extra),
        ...(extra.result === undefined ? {} : { result: extra.result }),
        ...(extra.errorOutput === undefined ? {} : { errorOutput: extra.errorOutput }),
      },
      variables: this.level.variables,
    };
  }
}

const isNotNegative = (value: Json): value is number => typeof value === "number" && value >= 0;
