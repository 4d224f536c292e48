import { type Finding, resource } from "./finding.ts";

/** Of a Vault of the grid's own. */
export const vaultFindings: readonly Finding[] = [
  {
    path: "Vault/Snapshots/Identity/Role/DefaultPolicy/Resource",
    rule: resource("<BucketD7FEB781.Arn>/snapshots/*"),
    reason:
      "Each snapshot is an object of its own, named by the time it is taken; the role may add them and read none.",
  },
];
