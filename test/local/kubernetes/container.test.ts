import { describe, expect, test } from "vitest";
import { planContainer } from "#local/kubernetes/container.ts";
import { expand } from "#local/kubernetes/expand.ts";
import type { ContainerSpec } from "#local/kubernetes/pod-fields.ts";

const POD = { name: "pod-1", namespace: "grid", uid: "u-1" };
const PLACES = { contents: "/host/image", volume: (name: string) => `/host/${name}` };

function plan(container: Partial<ContainerSpec>, base: Record<string, string> = {}) {
  const spec = { containers: [{ name: "main", image: "app:1", command: ["run"], ...container }] };
  return planContainer(spec, POD, PLACES, base);
}

describe("the plan of a container", () => {
  test("runs command and args in the folder that stands for /app, node being the Node of this process", () => {
    const { command, folder } = plan({ command: ["node", "main.ts"], args: ["--fast"], workingDir: "/app/worker" });
    expect(command).toEqual([process.execPath, "main.ts", "--fast"]);
    expect(folder).toBe("/host/image/worker");
    expect(plan({}).folder).toBe("/host/image");
  });

  test("replaces paths that begin with a mount path or /app, the longest first, in env, command, args and workingDir", () => {
    const volumeMounts = [
      { name: "shared", mountPath: "/fsx/" },
      { name: "scratch", mountPath: "/fsx/scratch", subPath: "mine" },
    ];
    const env = [
      { name: "SHARED", value: "/fsx" },
      { name: "SCRATCH", value: "/fsx/scratch/x" },
      { name: "MODULE", value: "/app/task.mjs" },
      { name: "OTHER", value: "/fsx-other" },
      { name: "MIDDLE", value: "file:/fsx" },
    ];
    const { environment, command, folder } = plan({ volumeMounts, env, args: ["/fsx/in"], workingDir: "/fsx/scratch" });
    expect(environment).toEqual({
      SHARED: "/host/shared",
      SCRATCH: "/host/scratch/mine/x",
      MODULE: "/host/image/task.mjs",
      OTHER: "/fsx-other",
      MIDDLE: "file:/fsx",
    });
    expect(command).toEqual(["run", "/host/shared/in"]);
    expect(folder).toBe("/host/scratch/mine");
  });

  test("refuses a working directory that is nowhere on this machine", () => {
    expect(() => plan({ workingDir: "/srv" })).toThrow("workingDir /srv is neither in /app nor in a volume");
  });

  test("lays its own variables over those of the grid, fields of the pod among them", () => {
    const field = (name: string, fieldPath: "metadata.uid" | "metadata.name" | "status.podIP") => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    });
    const env = [field("UID", "metadata.uid"), field("NAME", "metadata.name"), field("IP", "status.podIP")];
    const { environment } = plan({ env: [...env, { name: "A", value: "own" }] }, { A: "grid", PATH: "/bin" });
    expect(environment).toEqual({ PATH: "/bin", A: "own", UID: "u-1", NAME: "pod-1", IP: "127.0.0.1" });
  });

  test("expands $(NAME) from the variables before it, but not from those of the grid", () => {
    const env = [
      { name: "EARLY", value: "$(LATE)" },
      { name: "LATE", value: "late" },
      { name: "BOTH", value: "$(LATE)-$(GRID)" },
    ];
    const { environment, command } = plan({ env, args: ["$(BOTH)"] }, { GRID: "grid" });
    expect(environment).toMatchObject({ EARLY: "$(LATE)", BOTH: "late-$(GRID)" });
    expect(command).toEqual(["run", "late-$(GRID)"]);
  });
});

describe("$(NAME)", () => {
  test.each([
    ["$(A)$(A)", "11"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$(B)", "$(B)"],
    ["$A $ ( $(", "$A $ ( $("],
    ["$(toString)", "$(toString)"],
  ])("in %s gives %s", (text, expanded) => {
    expect(expand(text, { A: "1" })).toBe(expanded);
  });
});
