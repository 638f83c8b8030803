import { isMainThread } from "node:worker_threads";
import { defineTask } from "lovage";

// As a file that was changed since the worker started: the worker could load it, a child cannot.
if (process.argv[1]?.includes("process-main") || !isMainThread)
  throw new Error("This file loads in no child.");

export const broken = defineTask({ name: "pool.broken", pool: "processes", run: () => null });
