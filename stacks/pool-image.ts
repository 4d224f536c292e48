import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";

interface PoolImageProps {
  readonly grid: string;
  readonly pool: string;
  readonly folder: ImageFolder;
}

/** A folder to build an image from, its Dockerfile included. */
export interface ImageFolder {
  readonly path: string;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** The image that a pool's masters and workers run. */
export class PoolImage extends Construct {
  readonly uri: string;
  private readonly parameterName: string;

  constructor(scope: Construct, id: string, { grid, pool, folder }: PoolImageProps) {
    super(scope, id);
    this.uri = new DockerImageAsset(this, "Image", {
      directory: folder.path,
      platform: Platform.LINUX_AMD64,
      buildArgs: { ...folder.buildArgs },
    }).imageUri;
    this.parameterName = `/burstgrid/${grid}/images/${pool}`;
    new StringParameter(this, "Parameter", {
      parameterName: this.parameterName,
      stringValue: this.uri,
      description: `What masters and workers of the pool ${pool} run`,
    });
  }

  /**
   * The URI in another stack, read when that one is deployed. Its template stays as it is when the image changes, and yet the CDK
   * deploys it: a stack with parameters of Systems Manager is never taken for unchanged, as one that reads another's output is.
   */
  uriIn(scope: Construct): string {
    return StringParameter.valueForStringParameter(scope, this.parameterName);
  }
}
