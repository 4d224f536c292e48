import { argumentProblems, INTEGRATIONS } from "../integrations/catalog.ts";
import { isObject, type Json } from "../json.ts";
import {
  assignments,
  type Check,
  checkFields,
  expression,
  expressionOr,
  type Fields,
  listOf,
  numberFrom,
  oneOf,
  type Problems,
  template,
  text,
} from "./problems.ts";

/** A year, the longest a state or an execution may take [Step Functions guide, service-quotas]. */
const LONGEST_SECONDS = 99_999_999;

const seconds = numberFrom(1, { most: LONGEST_SECONDS, whole: true });

const base: Fields = { "Type!": text, Comment: text, QueryLanguage: oneOf("JSONata") };
const following: Fields = { ...base, Next: text, End: oneOf(true), Output: template, Assign: assignments };

const errorNames = listOf(text);

const retriers = listOf((value, path, problems) =>
  checkFields(
    value,
    path,
    {
      Comment: text,
      "ErrorEquals!": errorNames,
      IntervalSeconds: numberFrom(1, { most: LONGEST_SECONDS, whole: true }),
      MaxAttempts: numberFrom(0, { most: LONGEST_SECONDS, whole: true }),
      BackoffRate: numberFrom(1),
      MaxDelaySeconds: numberFrom(1, { most: 31_622_400, whole: true }),
      JitterStrategy: oneOf("FULL", "NONE"),
    },
    problems,
  ),
);

const catchers = listOf((value, path, problems) =>
  checkFields(
    value,
    path,
    { Comment: text, "ErrorEquals!": errorNames, "Next!": text, Output: template, Assign: assignments },
    problems,
  ),
);

const fallible: Fields = { Retry: retriers, Catch: catchers };

const choices = listOf((value, path, problems) =>
  checkFields(
    value,
    path,
    {
      Comment: text,
      "Condition!": expressionOr(oneOf(true, false)),
      "Next!": text,
      Output: template,
      Assign: assignments,
    },
    problems,
  ),
);

const resource: Check = (value, path, problems) => {
  if (typeof value === "string" && INTEGRATIONS[value] !== undefined) return;
  const known = Object.keys(INTEGRATIONS).join(", ");
  problems.add(path, `${JSON.stringify(value)} is not supported by the local engine; supported are ${known}`);
};

/** Arguments with exactly these fields; a whole expression is looked at when it is evaluated. */
const argumentsOf = (fields: Fields): Check =>
  expressionOr((value, path, problems) => void checkFields(value, path, fields, problems));

const FIELDS: Readonly<Record<string, Fields>> = {
  Task: {
    ...following,
    ...fallible,
    "Resource!": resource,
    Arguments: template,
    TimeoutSeconds: expressionOr(seconds),
    HeartbeatSeconds: expressionOr(seconds),
  },
  Pass: following,
  Wait: {
    ...following,
    Seconds: expressionOr(numberFrom(0, { most: LONGEST_SECONDS })),
    Timestamp: expressionOr(text),
  },
  Choice: { ...base, "Choices!": choices, Default: text, Output: template, Assign: assignments },
  Succeed: { ...base, Output: template },
  Fail: { ...base, Error: template, Cause: template },
  Map: {
    ...following,
    ...fallible,
    Items: expressionOr((value, path, problems) =>
      Array.isArray(value) ? template(value, path, problems) : expression(value, path, problems),
    ),
    ItemSelector: template,
    "ItemProcessor!": () => {},
    MaxConcurrency: expressionOr(numberFrom(0, { whole: true })),
  },
};

/** Fields a Map has only in DISTRIBUTED mode. */
const DISTRIBUTED_FIELDS: Fields = {
  ItemReader: (value, path, problems) =>
    checkFields(
      value,
      path,
      {
        "Resource!": oneOf("arn:aws:states:::s3:getObject"),
        "ReaderConfig!": (config, at, found) => checkFields(config, at, { "InputType!": oneOf("JSONL") }, found),
        "Arguments!": argumentsOf({ "Bucket!": template, "Key!": template }),
      },
      problems,
    ),
  ResultWriter: (value, path, problems) =>
    checkFields(
      value,
      path,
      {
        "Resource!": oneOf("arn:aws:states:::s3:putObject"),
        "Arguments!": argumentsOf({ "Bucket!": template, Prefix: template }),
      },
      problems,
    ),
  ToleratedFailurePercentage: expressionOr(numberFrom(0, { most: 100 })),
  ToleratedFailureCount: expressionOr(numberFrom(0, { whole: true })),
  Label: (value, path, problems) => {
    if (typeof value === "string" && /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/]{1,40}$/.test(value)) return;
    problems.add(path, "must be 1 to 40 characters without spaces, brackets, wildcards or special characters");
  },
};

/** Checks the fields of one state by its type; an unknown type is refused by name. */
export const checkState = (state: Json, path: string, problems: Problems): void => {
  const type = isObject(state) ? state["Type"] : undefined;
  const fields = typeof type === "string" ? FIELDS[type] : undefined;
  if (!isObject(state) || fields === undefined) {
    const known = Object.keys(FIELDS).join(", ");
    problems.add(
      `${path}.Type`,
      `${JSON.stringify(type)} is not supported by the local engine; supported are ${known}`,
    );
    return;
  }
  const distributed = type === "Map" && modeOf(state["ItemProcessor"]) === "DISTRIBUTED";
  checkFields(state, path, distributed ? { ...fields, ...DISTRIBUTED_FIELDS } : fields, problems);
  if (type === "Task") checkArguments(state, path, problems);
  if (state["ItemReader"] !== undefined && state["Items"] !== undefined) {
    problems.add(path, "a Map has either Items or an ItemReader");
  }
  if (type === "Wait" && (state["Seconds"] === undefined) === (state["Timestamp"] === undefined)) {
    problems.add(path, "a Wait state has either Seconds or Timestamp");
  }
  if (fields["Next"] !== undefined && (state["Next"] === undefined) === (state["End"] === undefined)) {
    problems.add(path, "must have either Next or End");
  }
};

const modeOf = (processor: Json | undefined): Json | undefined => {
  const config = isObject(processor) ? processor["ProcessorConfig"] : undefined;
  return isObject(config) ? config["Mode"] : undefined;
};

const checkArguments = (state: Readonly<Record<string, Json>>, path: string, problems: Problems): void => {
  const shape = INTEGRATIONS[String(state["Resource"])];
  const given = state["Arguments"] ?? {};
  if (shape === undefined || !isObject(given)) return;
  for (const problem of argumentProblems(shape, given)) problems.add(path, problem);
};
