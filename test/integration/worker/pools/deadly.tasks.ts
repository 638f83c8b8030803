import { isMainThread } from "node:worker_threads";
import { defineTask } from "lovage";

if (process.argv[1]?.includes("process-main") || !isMainThread) {
  process.stderr.write("deadly.tasks.ts ends the child that loads it\n");
  process.exit(7);
}

export const deadly = defineTask({ name: "pool.deadly", pool: "processes", run: () => null });
