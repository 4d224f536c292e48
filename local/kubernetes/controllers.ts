import { type Machine, missingParts } from "./admission.ts";
import { DeploymentRun, type DeploymentTools } from "./deployment.ts";
import type { Cause } from "./faults.ts";
import { type Findings, read, type Shape } from "./fields.ts";
import { JobRun, type JobTools } from "./job.ts";
import { DEPLOYMENT, JOB, type Kind, SCALED_OBJECT } from "./kinds.ts";
import type { KubernetesObject } from "./objects.ts";
import { ScalerRun, type ScalerTools } from "./scaler.ts";
import { type DeploymentSpec, deploymentSpec, type JobSpec, jobSpec, scaledObjectSpec } from "./workload-fields.ts";

/** What runs for one object. */
interface Run<Spec> {
  update?(spec: Spec): void;
  stop(orphan: boolean): void;
}

/** Runs the objects of one kind. */
export interface Controller {
  /** Refuses what the kind does not take; `before` is the object to be replaced. */
  check(spec: unknown, findings: Findings, before?: KubernetesObject): void;
  start(object: KubernetesObject): void;
  update(object: KubernetesObject): void;
  stop(object: KubernetesObject, orphan: boolean): void;
}

class Runs<Spec, R extends Run<Spec>> implements Controller {
  private readonly shape: Shape<Spec>;
  private readonly further: (spec: Spec, before: Spec | undefined) => Cause[];
  private readonly run: (object: KubernetesObject, spec: Spec) => R;
  private readonly runs = new Map<string, R>();

  constructor(
    shape: Shape<Spec>,
    further: (spec: Spec, before: Spec | undefined) => Cause[],
    run: (object: KubernetesObject, spec: Spec) => R,
  ) {
    this.shape = shape;
    this.further = further;
    this.run = run;
  }

  check(value: unknown, findings: Findings, before?: KubernetesObject): void {
    const spec = read(this.shape, value ?? {}, "spec", findings);
    if (spec !== undefined) findings.causes.push(...this.further(spec, before?.spec as Spec | undefined));
  }

  start(object: KubernetesObject): void {
    this.runs.set(object.metadata.uid, this.run(object, object.spec as Spec));
  }

  update(object: KubernetesObject): void {
    this.runs.get(object.metadata.uid)?.update?.(object.spec as Spec);
  }

  stop(object: KubernetesObject, orphan: boolean): void {
    this.runs.get(object.metadata.uid)?.stop(orphan);
    this.runs.delete(object.metadata.uid);
  }
}

export interface ControllerTools extends DeploymentTools, JobTools, ScalerTools {
  readonly machine: Machine;
}

/** The controllers of the kinds that run here. */
export function openControllers(tools: ControllerTools): ReadonlyMap<Kind, Controller> {
  const { machine } = tools;
  const jobs = new Runs(
    jobSpec,
    (spec, before) => [...podCauses(spec, machine), ...changes(spec, before)],
    (job, spec) => new JobRun(job, spec, tools),
  );
  const deployments = new Runs(
    deploymentSpec,
    (spec, before) => [...podCauses(spec, machine), ...selectorCauses(spec, before)],
    (deployment, spec) => new DeploymentRun(deployment, spec, tools),
  );
  const scalers = new Runs(
    scaledObjectSpec,
    () => [],
    (object, spec) => new ScalerRun(object, spec, tools),
  );
  return new Map<Kind, Controller>([
    [JOB, jobs],
    [DEPLOYMENT, deployments],
    [SCALED_OBJECT, scalers],
  ]);
}

const podCauses = (spec: JobSpec | DeploymentSpec, machine: Machine) =>
  missingParts(spec.template.spec, "spec.template.spec", machine);

function changes(spec: JobSpec, before: JobSpec | undefined): Cause[] {
  if (before === undefined || JSON.stringify(before) === JSON.stringify(spec)) return [];
  return [
    {
      field: "spec",
      reason: "FieldValueInvalid",
      message: "Invalid value: a Job's spec is immutable; delete the Job first",
    },
  ];
}

function selectorCauses({ selector, template }: DeploymentSpec, before: DeploymentSpec | undefined): Cause[] {
  const labels = template.metadata?.labels ?? {};
  const wanted = Object.entries(selector.matchLabels);
  const causes: Cause[] = [];
  if (wanted.length === 0 || wanted.some(([name, value]) => labels[name] !== value)) {
    const message = `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
    causes.push({ field: "spec.template.metadata.labels", reason: "FieldValueInvalid", message });
  }
  if (before !== undefined && JSON.stringify(before.selector) !== JSON.stringify(selector))
    causes.push({ field: "spec.selector", reason: "FieldValueInvalid", message: "Invalid value: field is immutable" });
  return causes;
}
