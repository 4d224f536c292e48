import { resolve } from "node:path";

const required = (name: string, what: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} must be set: ${what} (docs/kubernetes.md)`);
  return value;
};

/** Of a cluster for tests: its administrator's. */
export const kubeconfig = () => resolve(required("KUBECONFIG", "the kubeconfig of a cluster for tests"));

/** Where pods of that cluster reach this machine. */
export const listenAddress = () =>
  required("BURSTGRID_LISTEN", "an address of this machine that the cluster's pods reach");

/** Builds an image, as scripts/build-images.ts calls it. */
export const builder = () => process.env["BURSTGRID_BUILDER"] ?? "docker build";

/** Base of the images, where the builder has no registry. */
export const baseImage = () => process.env["BURSTGRID_BASE_IMAGE"];

/** A command that takes names of images and makes the nodes have them, such as `kind load docker-image`; none: they have them. */
export const imageLoader = () => process.env["BURSTGRID_LOAD_IMAGES"];

export const PROJECT = resolve(import.meta.dirname, "../..");

/** Grid of the jobs that run as real pods: the project's own. */
export const GRID_CONFIG = resolve(PROJECT, "grid.config.ts");
