import { badRequest } from "./faults.ts";
import type { KubernetesObject } from "./objects.ts";

type Test = (object: KubernetesObject) => boolean;
type Values = Readonly<Record<string, string>>;

/** Commas that are not inside the parentheses of a set. */
const BETWEEN_TERMS = /,(?![^(]*\))/;
const IN_SET = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const EQUALITY = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/;
const EXISTENCE = /^(!?)\s*([^\s=!(),]+)$/;

/** A `labelSelector`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas. */
export function labelTest(selector: string): Test {
  const terms = termsOf(selector).map(labelTerm);
  return ({ metadata }) => terms.every((term) => term(metadata.labels ?? {}));
}

/** A `fieldSelector`, by name and namespace only. */
export function fieldTest(selector: string): Test {
  const tests = termsOf(selector).map((term): Test => {
    const [, field = "", operator, value = ""] = EQUALITY.exec(term) ?? [];
    if (field !== "metadata.name" && field !== "metadata.namespace")
      throw badRequest(
        `fieldSelector ${term}: the local Kubernetes selects by metadata.name and metadata.namespace only`,
      );
    const wanted = operator !== "!=";
    return ({ metadata }) => ((field === "metadata.name" ? metadata.name : metadata.namespace) === value) === wanted;
  });
  return (object) => tests.every((test) => test(object));
}

function termsOf(selector: string): string[] {
  return selector
    .split(BETWEEN_TERMS)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}

function labelTerm(term: string): (labels: Values) => boolean {
  const set = IN_SET.exec(term);
  if (set !== null) {
    const [, label = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (labels) => values.includes(labels[label] ?? MISSING) === (operator === "in");
  }
  const equality = EQUALITY.exec(term);
  if (equality !== null) {
    const [, label = "", operator, value] = equality;
    return (labels) => (labels[label] === value) === (operator !== "!=");
  }
  const existence = EXISTENCE.exec(term);
  if (existence === null) throw badRequest(`labelSelector: cannot read "${term}"`);
  const [, not, label = ""] = existence;
  return (labels) => Object.hasOwn(labels, label) === (not === "");
}

/** No label has this value. */
const MISSING = "\0";
