import type { KubernetesLogin } from "#grid/kubernetes-server.ts";

/** What an EKS access entry of type STANDARD says. */
export interface AccessEntry {
  readonly principalArn: string;
  readonly groups: readonly string[];
  /** When absent, EKS names an IAM role's user by the role and the session. */
  readonly username?: string | undefined;
}

/**
 * Whom the cluster takes IAM roles for. What EKS does with an access entry, impersonation does in any cluster: its RBAC decides
 * by user and groups, whatever else the kubeconfig's own user may do.
 */
export class Identities {
  readonly #entries = new Map<string, AccessEntry>();
  readonly #login: KubernetesLogin;

  /** @param login one that may impersonate users and groups, such as a cluster's administrator. */
  constructor(login: KubernetesLogin) {
    this.#login = login;
  }

  grant(entry: AccessEntry): void {
    this.#entries.set(entry.principalArn, entry);
  }

  /** @returns undefined when no access entry names the role. */
  loginOf(roleArn: string): KubernetesLogin | undefined {
    const entry = this.#entries.get(roleArn);
    if (entry === undefined) return undefined;
    return {
      ...this.#login,
      headers: {
        ...this.#login.headers,
        "impersonate-user": entry.username ?? sessionOf(roleArn),
        "impersonate-group": entry.groups,
      },
    };
  }
}

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>`: the user name that EKS makes of a role. */
const sessionOf = (roleArn: string): string =>
  `${roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/burstgrid-local`;
