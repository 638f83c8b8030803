import { defineTask } from "lovage";

if (process.argv[1]?.includes("child-main")) {
  process.stderr.write("deadly.tasks.ts ends the process that loads it\n");
  process.exit(7);
}

export const deadly = defineTask({ name: "pool.deadly", pool: "processes", run: () => null });
