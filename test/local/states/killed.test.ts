import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, openCloud, ROLE } from "./cloud.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud.close());

const definition = JSON.stringify({
  QueryLanguage: "JSONata",
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map",
      MaxConcurrency: 1,
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Call",
        States: {
          Call: {
            Type: "Task",
            Resource: "arn:aws:states:::lambda:invoke",
            Arguments: { FunctionName: "work", Payload: "{% $states.input %}" },
            Output: "{% $states.result.Payload %}",
            End: true,
          },
        },
      },
      End: true,
    },
  },
});

describe("a process killed with SIGKILL", () => {
  it("loses nothing: its execution is redriven by the next one, without the child that was over", async () => {
    await cloud.states.close();
    const folder = join(cloud.folder, "executions");
    const script = new URL("doomed.ts", import.meta.url).pathname;
    const doomed = spawn(process.execPath, [script, cloud.gateway.origin, folder], {
      env: { ...process.env, DOOMED: JSON.stringify({ definition, input: "[1,2,3,4]" }) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(doomed.stdout, "data");
    doomed.kill("SIGKILL");
    await once(doomed, "exit");

    await cloud.reopen();
    const [interrupted] = cloud.states.interrupted;
    expect(interrupted?.name).toBe("doomed");
    const called: unknown[] = [];
    cloud.functions.set("work", (payload) => {
      called.push(payload);
      return payload;
    });
    cloud.states.deploy({ name: "machine", definition, roleArn: ROLE });
    await cloud.states.redrive(interrupted?.executionArn ?? "");
    const { output, redriveCount } = await cloud.ended(interrupted?.executionArn ?? "");
    expect({ output, redriveCount }).toEqual({ output: "[1,2,3,4]", redriveCount: 1 });
    expect(called).toEqual([2, 3, 4]);
  });
});
