// A process that is killed while a Distributed Map runs: node doomed.ts ORIGIN FOLDER. Says "running" when two of the
// four items' functions are called, of which the first has ended.
import { openStateMachines } from "#local/states/index.ts";

const [origin = "", folder = ""] = process.argv.slice(2);
let calls = 0;
const states = await openStateMachines({
  origin,
  folder,
  emit: () => {},
  invokeFunction: async (_name, payload) => {
    calls += 1;
    if (calls === 1) return { ok: true, payload };
    // After a turn of the event loop, as what came before is in the files then.
    setImmediate(() => process.stdout.write("running\n"));
    return new Promise(() => {});
  },
});
const { definition, input } = JSON.parse(process.env["DOOMED"] ?? "{}") as { definition: string; input: string };
const stateMachineArn = states.deploy({ name: "machine", definition, roleArn: "arn:aws:iam::000000000000:role/r" });
states.start({ stateMachineArn, name: "doomed", input });
setInterval(() => {}, 1000);
