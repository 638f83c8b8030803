/** The entry of a child process of a pool. It loads little itself, since it must start fast. */
import { Worker } from "node:worker_threads";
import { PipeChannel } from "./channel.ts";
import { runChild } from "./run-child.ts";

const PARENT_CHECK_MS = 250;

// The worker decides when it ends: a signal to all processes of a service must not end attempts
// that the worker still waits for.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
// The worker passes its own pid: it may have died already.
dieWithParent(Number(process.argv[2]));
runChild("processes", (onMessage) => new PipeChannel(onMessage));

/**
 * Kills this process when its parent has died, whatever its code does. The end of the channel shows
 * the same sooner, but only between two turns of the event loop: code that computes without end
 * would never notice. A thread does.
 */
function dieWithParent(parentPid: number): void {
  // A child leads a process group: everything that it has started is killed with it.
  const watch = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  if (process.ppid === workerData.parentPid) return;
  try { process.kill(-process.pid, "SIGKILL"); } catch {}
  process.kill(process.pid, "SIGKILL");
}, workerData.everyMs);
`;
  const thread = new Worker(watch, {
    eval: true,
    workerData: { parentPid, everyMs: PARENT_CHECK_MS },
    // The thread needs none of the modules that this process was started with.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  thread.unref();
}
