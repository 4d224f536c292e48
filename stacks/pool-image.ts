import { CfnOutput, Fn, Stack } from "aws-cdk-lib";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { Construct } from "constructs";

/** The image that a pool's masters and workers run. */
export class PoolImage extends Construct {
  readonly uri: string;
  /** The same for other stacks: read from this one's outputs, so that their templates stay as they are when the image changes. */
  readonly publishedUri: string;

  constructor(scope: Construct, id: string, { folder }: { readonly folder: ImageFolder }) {
    super(scope, id);
    this.uri = new DockerImageAsset(this, "Image", {
      directory: folder.path,
      platform: Platform.LINUX_AMD64,
      buildArgs: { ...folder.buildArgs },
    }).imageUri;
    const output = new CfnOutput(this, "Uri", { value: this.uri });
    const { stackName, region } = Stack.of(this);
    this.publishedUri = Fn.getStackOutput(stackName, output.logicalId, region);
  }
}

/** A folder to build an image from, its Dockerfile included. */
export interface ImageFolder {
  readonly path: string;
  readonly buildArgs: Readonly<Record<string, string>>;
}
