import { defineTask } from "lovage";

// As a file that was changed since the worker started: the worker could load it, a child cannot.
if (process.argv[1]?.includes("child-main")) throw new Error("This file loads in no child process.");

export const broken = defineTask({ name: "pool.broken", pool: "processes", run: () => null });
