import { defineConfig } from "lovage";

/** Routes that only the process with this file has: a server. Workers are told their queues. */
export default defineConfig({
  routes: [
    { match: "mail.*", queue: "mail", priority: "HIGH" },
    {
      match: (task) => task.tags.includes("big"),
      queue: (task) => `big-${(task.args as { country: string }).country}`,
    },
    (task) => (task.options.delay === undefined ? undefined : { queue: "later" }),
  ],
});
