import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DeployError } from "./deploy-error.ts";
import { resolve as resolveValue } from "./intrinsics.ts";
import { inOrder } from "./order.ts";
import { pseudoParameter } from "./pseudo-parameters.ts";
import type { Template } from "./template.ts";

/** What CDK synthesized. */
export interface Assembly {
  /** Each after those it imports from. */
  readonly stacks: readonly AssemblyStack[];
  /** The file or folder that stands for an object in the assets bucket. */
  file(bucket: string, key: string): string;
  readonly images: readonly AssemblyImage[];
  /** The folder that an image is built from. */
  image(uri: string): string;
}

/** An image that a stack's pods run. */
export interface AssemblyImage {
  readonly uri: string;
  /** With a Dockerfile and what it copies. */
  readonly folder: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** As builders name it: `linux/amd64`. */
  readonly platform?: string | undefined;
}

export interface AssemblyStack {
  /** As in the app: `Grid`. */
  readonly id: string;
  /** In CloudFormation: `grid-grid`. */
  readonly name: string;
  readonly template: Template;
}

interface Manifest {
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly properties: { readonly templateFile?: string; readonly file?: string; readonly stackName?: string };
}

interface Assets {
  readonly files?: Readonly<Record<string, Asset<{ readonly path: string }, FileDestination>>>;
  readonly dockerImages?: Readonly<Record<string, Asset<ImageSource, ImageDestination>>>;
}

interface Asset<Source, Destination> {
  readonly source: Source;
  readonly destinations: Readonly<Record<string, Destination>>;
}

interface ImageSource {
  readonly directory: string;
  readonly dockerBuildArgs?: Readonly<Record<string, string>>;
  readonly platform?: string;
}

interface FileDestination {
  readonly bucketName: string;
  readonly objectKey: string;
}

interface ImageDestination {
  readonly repositoryName: string;
  readonly imageTag: string;
}

/** Reads the assembly that CDK wrote to a folder. */
export async function readAssembly(folder: string): Promise<Assembly> {
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(folder, file), "utf8"));
  const { artifacts } = (await read("manifest.json")) as Manifest;
  const ofType = (type: string) => Object.entries(artifacts).filter(([, artifact]) => artifact.type === type);

  const files = new Map<string, string>();
  const images = new Map<string, AssemblyImage>();
  for (const [, { properties }] of ofType("cdk:asset-manifest")) {
    const assets = (await read(properties.file!)) as Assets;
    for (const { source, destinations } of Object.values(assets.files ?? {})) {
      for (const at of Object.values(destinations)) files.set(objectUri(at), resolve(folder, source.path));
    }
    for (const { source, destinations } of Object.values(assets.dockerImages ?? {})) {
      for (const uri of Object.values(destinations).map(imageUri)) {
        images.set(uri, {
          uri,
          folder: resolve(folder, source.directory),
          buildArgs: source.dockerBuildArgs ?? {},
          platform: source.platform,
        });
      }
    }
  }

  const stacks = new Map<string, AssemblyStack>();
  const ids = inOrder(
    new Map(ofType("aws:cloudformation:stack").map(([id, { dependencies }]) => [id, dependencies ?? []])),
  );
  for (const id of ids) {
    const { templateFile, stackName } = artifacts[id]!.properties;
    const template = (await read(templateFile!)) as Template;
    stacks.set(id, { id, name: stackName ?? id, template });
  }

  return {
    stacks: [...stacks.values()],
    file: (bucket, key) => found(files, objectUri({ bucketName: bucket, objectKey: key }), `file asset in ${folder}`),
    images: [...images.values()],
    image: (uri) => found(images, uri, `image asset in ${folder}`).folder,
  };
}

const objectUri = ({ bucketName, objectKey }: FileDestination) =>
  withPseudoParameters(`s3://${bucketName}/${objectKey}`);

const imageUri = ({ repositoryName, imageTag }: ImageDestination) =>
  withPseudoParameters(`\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}/${repositoryName}:${imageTag}`);

/** The asset manifests hold the placeholders of Fn::Sub for account and region. */
const withPseudoParameters = (text: string): string => {
  const nothing = (name: string) => {
    throw new DeployError(`an asset's destination refers to ${name}, which is no pseudo parameter: ${text}`);
  };
  const scope = {
    ref: (name: string) => pseudoParameter(name, "") ?? nothing(name),
    attribute: nothing,
    condition: nothing,
    imported: nothing,
    stackOutput: nothing,
  };
  return resolveValue({ "Fn::Sub": text }, scope) as string;
};

function found<Asset>(assets: ReadonlyMap<string, Asset>, uri: string, kind: string): Asset {
  const asset = assets.get(uri);
  if (asset !== undefined) return asset;
  throw new DeployError(`${uri} is no ${kind}`);
}
