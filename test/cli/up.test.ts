import { describe, expect, test } from "vitest";
import { UsageError } from "#cli/errors.ts";
import { up } from "#cli/up.ts";

const OPTIONS = { config: "grid.config.ts", port: 0, state: "never-made" };

describe("up with a cluster", () => {
  test("needs an address that the cluster's pods reach", async () => {
    await expect(up({ ...OPTIONS, kubeconfig: "config" })).rejects.toThrow(UsageError);
    await expect(up({ ...OPTIONS, kubeconfig: "config", listen: "my-host" })).rejects.toThrow("an IP address");
  });

  test("takes such an address for nothing else", async () => {
    await expect(up({ ...OPTIONS, listen: "10.0.0.1" })).rejects.toThrow("give --kubeconfig FILE too");
  });

  test("says which kubeconfig it cannot read", async () => {
    await expect(up({ ...OPTIONS, kubeconfig: "no-such-file", listen: "10.0.0.1" })).rejects.toThrow(
      "no-such-file: ENOENT",
    );
  });
});
