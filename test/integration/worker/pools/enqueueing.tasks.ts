import { createApp, defineConfig, defineTask } from "lovage";

/** Has an app of its own, as a task that enqueues others does. */
export const enqueueing = defineTask({
  name: "pool.enqueueing",
  pool: "processes",
  run: (): number => {
    defineConfig({});
    return createApp({ tasks: [enqueueing] }).describe().definitions.length;
  },
});
