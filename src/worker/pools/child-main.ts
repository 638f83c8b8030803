/** A child process of the pool: what it loads itself is small, since it must start fast. */
import { resolveOwnPackage } from "../../own-package.ts";
import { ChildChannel } from "./child-channel.ts";
import { ChildFiles } from "./child-files.ts";
import { ChildLog } from "./child-log.ts";
import { ChildRuns } from "./child-runs.ts";
import { dieWithParent } from "./parent-watch.ts";
import type { ParentMessage } from "./protocol.ts";

// Its worker decides when it ends: a signal to all processes of a service must not end attempts that the worker still waits for.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
// As the worker said it: it may be gone already.
dieWithParent(Number(process.argv[2]));

resolveOwnPackage(new URL("./child-package.js", import.meta.url).href);
const channel = new ChildChannel((message: ParentMessage) => {
  if (message.type === "load") void load(message);
  else if (message.type === "run") void runs.run(message);
  else runs.abort(message.run, message.reason);
});
const files = new ChildFiles();
const log = new ChildLog(channel);
const runs = new ChildRuns(channel, files, log);
log.captureConsole(() => runs.fields);
process.on("unhandledRejection", (error) =>
  log.error("A promise was rejected and nothing handled it", { ...runs.fields, err: error }),
);

async function load(message: Extract<ParentMessage, { type: "load" }>): Promise<void> {
  await files.load(message.files, message.cwd);
  if (message.configFile !== null) await files.loadConfig(message.configFile, message.cwd);
  channel.send({ type: "ready", problems: files.problems });
}
