import type { Provider } from "../provider.ts";
import { accessEntry } from "./access-entry.ts";
import { bucket } from "./bucket.ts";
import { eventBus } from "./event-bus.ts";
import { eventSourceMapping } from "./event-source-mapping.ts";
import { lambdaFunction } from "./function.ts";
import { kubernetesManifest } from "./kubernetes-manifest.ts";
import { queue } from "./queue.ts";
import { rule } from "./rule.ts";
import { ssmParameter } from "./ssm-parameter.ts";
import { stateMachine } from "./state-machine.ts";
import { table } from "./table.ts";

/** Who makes the resources of a type. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  "AWS::DynamoDB::GlobalTable": table,
  "AWS::EKS::AccessEntry": accessEntry,
  "AWS::Events::EventBus": eventBus,
  "AWS::Events::Rule": rule,
  "AWS::Lambda::EventSourceMapping": eventSourceMapping,
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::S3::Bucket": bucket,
  "AWS::SQS::Queue": queue,
  "AWS::SSM::Parameter": ssmParameter,
  "AWS::StepFunctions::StateMachine": stateMachine,
  "Custom::AWSCDK-EKS-KubernetesResource": kubernetesManifest,
};
