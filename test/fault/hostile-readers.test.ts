import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Child, startChild } from "../support/child.ts";
import { freePort } from "../support/servers/free-port.ts";
import { Client } from "./support/client.ts";
import { load, report } from "./support/load.ts";
import { allIsWell } from "./support/verdict.ts";
import { footprint, startCluster } from "./support/cluster.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const LARGE_TASKS = 200;
const RESULT_BYTES = 70_000;
const PER_SECOND = 20;
const P99_MS = 250;
const RSS_MB = 1_000;

test(
  "readers that request too much, read nothing or send nothing do not block enqueues",
  { timeout: 300_000 },
  async () => {
    await using cluster = await startCluster({ tasks: [path("./tasks/large.tasks.ts")] });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await cluster.server({ port });
    await cluster.worker();
    const client = new Client(() => url);
    await client.enqueue(LARGE_TASKS, { name: "fault.large", args: { bytes: RESULT_BYTES } }, 50);
    await cluster.checker.allFinal(client.accepted);
    await latencies(client, PER_SECOND * 2); // Warms up.
    const calm = await latencies(client, PER_SECOND * 5);

    const hostile = await startChild(process.execPath, [path("./support/hostile-readers.ts"), url], {
      name: "hostile",
    });
    await hostile.waitForLine(/attacking/, 30_000);
    await sleep(2_000); // Their connections are open and their questions under way: it is what it measures that begins now.
    const watch = watchRss(server);
    const hurt = await latencies(client, PER_SECOND * load(60, 20));
    const peakMb = await watch.peak();
    hostile.kill("SIGTERM");
    await hostile.exited;
    const answers = JSON.parse(hostile.stdoutLines.at(-1)!) as Record<string, number>;
    const tasks = client.accepted.size;
    await allIsWell(cluster, client, { tasks, doubled: 0 });
    expect(client.refusals).toEqual([]);
    const kinds = Object.keys(answers);
    expect(kinds).toContain("nested COST_LIMIT");
    // Too large, or to come again while the memory for replies is used up, or late: never 400 MB.
    const aliased = kinds.filter((kind) => kind.startsWith("aliased "));
    expect(aliased).not.toEqual([]);
    expect(aliased.filter((kind) => !/ (?:REPLY_TOO_LARGE|SERVICE_UNAVAILABLE|TIMEOUT)$/.test(kind))).toEqual(
      [],
    );
    const [before, during] = [percentile(calm, 0.99), percentile(hurt, 0.99)];
    report({
      test: "hostile-readers",
      fault: "nested, aliased and searching queries, replies that nobody reads, 150 silent sockets",
      tasks,
      lost: 0,
      doubled: 0,
      resumedMs: null,
      note: `p99 of enqueues ${Math.round(during)} ms, without readers ${Math.round(before)} ms; largest resident set ${Math.round(peakMb)} MB`,
    });
    expect(during).toBeLessThan(P99_MS);
    expect(peakMb).toBeLessThan(RSS_MB);
  },
);

/**
 * Enqueues one task at a time, so many a second, whether the one before was answered or not;
 * milliseconds from when each was due.
 */
async function latencies(client: Client, count: number): Promise<number[]> {
  const began = performance.now();
  const enqueues = Array.from({ length: count }, async (_, index) => {
    const due = began + (index * 1_000) / PER_SECOND;
    await sleep(Math.max(0, due - performance.now()));
    await client.send([{}]);
    return performance.now() - due;
  });
  return Promise.all(enqueues);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/**
 * The largest resident set of a process from now on, in MiB: until it is asked for, or the process
 * is gone.
 */
function watchRss(child: Child): { peak(): Promise<number> } {
  let largest = 0;
  const ended = new AbortController();
  const watching = (async () => {
    while (!ended.signal.aborted && child.running) {
      largest = Math.max(largest, (await footprint(child.pid)).rssMb);
      await sleep(250);
    }
  })();
  return {
    peak: async () => {
      ended.abort();
      await watching;
      return largest;
    },
  };
}
