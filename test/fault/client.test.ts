import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createClient } from "../../src/client.ts";
import type * as tasks from "../support/client.tasks.ts";
import { startCluster } from "./support/cluster.ts";

const TASKS = fileURLToPath(new URL("../support/client.tasks.ts", import.meta.url));
const STEPS = 120;

test("a client that follows a task misses no event and gets none twice while servers are killed", async () => {
  await using cluster = await startCluster({ tasks: [TASKS] });
  let server = await cluster.server();
  await using client = createClient<typeof tasks>({ url: cluster.url });
  const task = await client.enqueue("client.count", { to: STEPS });
  const end = task.result();
  const steps: unknown[] = [];
  const types: string[] = [];
  for await (const { type, emitted } of task.events()) {
    // The task starts when its client listens already.
    if (types.length === 0) await cluster.worker({ ready: false });
    if (type !== "EMITTED") types.push(type);
    else if (steps.push(emitted?.payload) === 30 || steps.length === 80) {
      server.kill("SIGKILL");
      await server.exited;
      server = await cluster.server({ ready: false });
    }
  }
  expect(steps).toEqual(Array.from({ length: STEPS }, (_, index) => index + 1));
  expect(types.at(-1)).toBe("SUCCEEDED");
  expect(types).toEqual([...new Set(types)]);
  expect(await end).toBe(STEPS);
}, 60_000);
