import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startChild } from "../../support/child.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { Client } from "../support/client.ts";
import { load, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { QUICK, READY, TASKS } from "../support/cluster.ts";
import { CLI } from "../support/migrated.ts";

test("a first start that is killed at any time leaves nothing half done", { timeout: 600_000 }, async () => {
  const random = new Random("embedded-first-start");
  const rounds = load(24, 4);
  const seen = new Set<string>();
  let slowestMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    await using directory = await tempDir("lovage-first-");
    const [folder, port] = [join(directory.path, "lovage"), await freePort()];
    const start = () =>
      startChild(process.execPath, [CLI, "up", "--tasks", TASKS], {
        env: {
          ...{ ...QUICK, DATABASE_URL: undefined, REDIS_URL: undefined, LOVAGE_EMBEDDED_DIR: folder },
          ...{ PORT: String(port), FAULT_HISTORY: join(directory.path, "history"), NODE_NO_WARNINGS: "1" },
        },
        name: "up",
      });
    const first = await start();
    // From there on it writes.
    await first.waitForLine(/^Creating the embedded database/, 60_000);
    await random.pause(0, 1_500);
    first.kill("SIGKILL");
    await first.exited;
    seen.add((await readdir(folder).catch(() => [])).join(" "));

    const begun = performance.now();
    await using second = await start();
    await second.waitForLine(READY, 60_000);
    slowestMs = Math.max(slowestMs, performance.now() - begun);
    const client = new Client(() => `http://127.0.0.1:${port}`);
    await client.enqueue(1, { options: { delay: "1h" } });
    // The yes has arrived: what follows can take nothing back.
    second.kill("SIGKILL");
    await second.exited;

    await using third = await start();
    await third.waitForLine(READY, 60_000);
    const { tasks } = await client.query<{ tasks: { nodes: { id: string }[] } }>(
      "{ tasks { nodes { id } } }",
    );
    expect(tasks.nodes.map(({ id }) => id)).toEqual([...client.accepted.keys()]);
    third.kill("SIGTERM");
    expect((await third.exited).code).toBe(0);
  }
  report({
    ...{ test: "embedded-first-start", tasks: rounds, lost: 0, doubled: 0, resumedMs: slowestMs },
    fault: `${rounds} SIGKILLs of a first start, and one more right after its first enqueue`,
    note: `folders left behind: ${[...seen].map((names) => `"${names}"`).join(", ")}`,
  });
});
