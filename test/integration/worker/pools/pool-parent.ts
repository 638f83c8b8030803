/**
 * A worker that is only its pool: prints the pids of its children, then that they loop, and waits
 * to be killed.
 */
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

const { ChildPool } = await import(
  new URL("../../../../dist/worker/pools/parent/child-pool.js", import.meta.url).href
);
const { ChildRunner } = await import(
  new URL("../../../../dist/worker/pools/parent/child-runner.js", import.meta.url).href
);
const { Processes } = await import(
  new URL("../../../../dist/worker/pools/parent/process-child.js", import.meta.url).href
);
const { RunContext } = await import(
  new URL("../../../../dist/worker/attempt/run-context.js", import.meta.url).href
);

const write = (message: string): void => console.log(message);
const log = {
  trace: write,
  debug: write,
  info: write,
  warn: write,
  error: write,
  fatal: write,
  child: () => log,
};
const pool = new ChildPool({
  kind: new Processes(),
  ...{ size: 2, maxMemoryPerChild: 2 ** 29, maxTasksPerChild: null, cwd: process.cwd(), log },
  files: [fileURLToPath(new URL("./pool.tasks.ts", import.meta.url))],
});
await pool.start();
while (pool.idle < 2) await sleep(10);
const at = new Date();
const summary = { id: "1", name: "pool.loop", attempt: 1, createdAt: at, startedAt: at };
void new ChildRunner(pool).run(
  new RunContext(
    { summary, input: null, timeLimitMs: null, options: null, idempotencyKey: null, schedule: null },
    { log },
  ),
);
console.log(`children ${pool.ids.join(" ")}`);
await sleep(60_000);
