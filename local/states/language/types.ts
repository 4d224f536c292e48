import type { Json, JsonObject } from "../json.ts";

/** A JSONata expression `{% … %}` that gives a number, or the number. */
export type NumberField = number | string;

/** What the states of one level share: a state machine, or the ItemProcessor of a Map. */
export interface StateGroup {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface MachineDefinition extends StateGroup {
  readonly Comment?: string;
  readonly QueryLanguage: "JSONata";
  readonly TimeoutSeconds?: number;
}

interface StateBase {
  readonly Comment?: string;
  readonly QueryLanguage?: "JSONata";
  readonly Output?: Json;
}

interface Following extends StateBase {
  readonly Next?: string;
  readonly End?: true;
  readonly Assign?: JsonObject;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  /** Seconds before the first retry, 1 when absent. */
  readonly IntervalSeconds?: number;
  /** Retries, 3 when absent, 0 for none. */
  readonly MaxAttempts?: number;
  /** What each wait is multiplied by, 2 when absent. */
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Output?: Json;
  readonly Assign?: JsonObject;
}

interface Fallible {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface TaskState extends Following, Fallible {
  readonly Type: "Task";
  readonly Resource: string;
  readonly Arguments?: Json;
  readonly TimeoutSeconds?: NumberField;
  readonly HeartbeatSeconds?: NumberField;
}

export interface PassState extends Following {
  readonly Type: "Pass";
}

export interface WaitState extends Following {
  readonly Type: "Wait";
  readonly Seconds?: NumberField;
  readonly Timestamp?: string;
}

interface ChoiceRule {
  /** An expression that gives true or false, or one of them. */
  readonly Condition: string | boolean;
  readonly Next: string;
  readonly Output?: Json;
  readonly Assign?: JsonObject;
}

export interface ChoiceState extends StateBase {
  readonly Type: "Choice";
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Assign?: JsonObject;
}

export interface SucceedState extends StateBase {
  readonly Type: "Succeed";
}

export interface FailState {
  readonly Type: "Fail";
  readonly Comment?: string;
  readonly QueryLanguage?: "JSONata";
  readonly Error?: string;
  readonly Cause?: string;
}

interface ItemProcessor extends StateGroup {
  readonly ProcessorConfig?: { readonly Mode?: "INLINE" | "DISTRIBUTED"; readonly ExecutionType?: "STANDARD" };
}

export interface MapState extends Following, Fallible {
  readonly Type: "Map";
  readonly Items?: Json;
  readonly ItemSelector?: Json;
  readonly ItemProcessor: ItemProcessor;
  /** Iterations at once; 0 or absent is as many as AWS allows. */
  readonly MaxConcurrency?: NumberField;
  readonly ItemReader?: {
    readonly Resource: string;
    readonly ReaderConfig: { readonly InputType: "JSONL" };
    readonly Arguments: Json;
  };
  readonly ResultWriter?: { readonly Resource: string; readonly Arguments: Json };
  readonly ToleratedFailurePercentage?: NumberField;
  readonly ToleratedFailureCount?: NumberField;
  readonly Label?: string;
}

export type State = TaskState | PassState | WaitState | ChoiceState | SucceedState | FailState | MapState;

/** Whether a Map runs its iterations as child executions. */
export const isDistributed = (map: MapState): boolean => map.ItemProcessor.ProcessorConfig?.Mode === "DISTRIBUTED";
