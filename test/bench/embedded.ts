import { createApp } from "lovage";
import { startChild } from "../support/child.ts";
import { freePort } from "../support/servers/free-port.ts";
import { tempDir } from "../support/temp-dir.ts";
import { add } from "./bench.tasks.ts";
import { type Figure, perSecond } from "./figures.ts";

/** All in one process on PGlite: drain, then how long a second start takes. */
export async function benchEmbedded(count: number, cli: string, tasksFile: string): Promise<Figure[]> {
  await using folder = await tempDir("lovage-bench-");
  const config = { embeddedDir: folder.path, concurrency: 256, logLevel: "warn" } as const;
  const begun = await drain(count, config);
  const port = await freePort();
  const started = performance.now();
  const env = { LOVAGE_EMBEDDED_DIR: folder.path, PORT: String(port) };
  await using up = await startChild(process.execPath, [cli, "up", "--tasks", tasksFile], { env, name: "up" });
  while (!(await isReady(port))) {
    if (!up.running) throw new Error(`The server ended: ${up.output}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const readyMs = performance.now() - started;
  return [
    { what: "embedded: drain, results stored", value: perSecond(count, begun), target: "≥ 8,000/s" },
    {
      what: `embedded: second start with ${count.toLocaleString("en")} tasks, until ready`,
      value: `${(readyMs / 1_000).toFixed(1)} s`,
      target: "< 3 s",
    },
  ];
}

async function drain(count: number, config: Parameters<typeof createApp>[0]["config"]): Promise<number> {
  const enqueuer = createApp({ tasks: [add], config: config! });
  await enqueuer.start();
  for (let from = 0; from < count; from += 1_000) {
    await enqueuer.enqueueMany(
      add,
      Array.from({ length: 1_000 }, (_, index) => ({ input: { x: from + index, y: 1 } })),
    );
  }
  const last = await enqueuer.enqueue(add, { x: 1, y: 1 });
  await enqueuer.stop();
  await using app = createApp({ tasks: [add], roles: ["maintenance", "worker"], config: config! });
  await app.start();
  const begun = performance.now();
  await (await app.task(last.id)).result({ timeout: "300s" });
  return performance.now() - begun;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}
