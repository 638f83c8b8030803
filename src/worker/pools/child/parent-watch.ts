import { Worker } from "node:worker_threads";

const EVERY_MS = 250;

/**
 * Ends this process when its parent is gone, whatever its code does. The end of the channel tells the same sooner, but only between two turns
 * of the event loop: code that computes without end would never hear of it, and go on for ever. A thread of its own does.
 */
export function dieWithParent(parentPid: number): void {
  const thread = new Worker(WATCH, {
    eval: true,
    workerData: { parentPid, everyMs: EVERY_MS },
    // None of what this process was told to load.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  thread.unref();
}

// A child leads a process group: what it has started ends with it.
const WATCH = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  if (process.ppid === workerData.parentPid) return;
  try { process.kill(-process.pid, "SIGKILL"); } catch {}
  process.kill(process.pid, "SIGKILL");
}, workerData.everyMs);
`;
