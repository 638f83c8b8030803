import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import type { TaskSummary } from "../../src/task/records/task.ts";
import type { Child } from "../support/child.ts";
import { Client } from "./support/client.ts";
import { EventLog, type Review } from "./support/event-log.ts";
import { load, LONG, report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { probeOf, Servers } from "./support/servers.ts";
import { SlowReader, WIDE_TAG } from "./support/slow-reader.ts";
import { EventSubscriber, SocketSubscriber, type Subscriber } from "./support/subscriber.ts";
import { allIsWell } from "./support/verdict.ts";
import { footprint, startCluster, type Cluster } from "./support/cluster.ts";

/**
 * A load that two cores carry with all that runs beside it: above that, delays tell of the backlog
 * and not of the greedy.
 */
const TASKS_PER_SECOND = 300;

/** A subscriber, and which tasks are its. */
interface Watch {
  readonly subscriber: Subscriber;
  readonly fits: (task: TaskSummary) => boolean;
}

test(
  "subscribers that continue after their cursor receive every event once and in order, though servers die and sockets break",
  { timeout: 600_000 },
  async () => {
    const random = new Random("subscription-resume");
    await using cluster = await startCluster();
    await using servers = await new Servers(cluster, random).start(3);
    await Promise.all([cluster.worker(), cluster.worker()]);
    await using log = new EventLog(cluster);
    const client = new Client(servers.direct);
    const tags = Array.from({ length: load(20, 6) }, (_, index) => `group-${index}`);
    // A tenth hear of all tasks, the others each of one group; half of them over WebSockets, the
    // others by Server-Sent Events.
    const watches = Array.from({ length: load(200, 20) }, (_, index): Watch => {
      const Transport = Math.floor((index + 1) / 2) % 2 === 0 ? SocketSubscriber : EventSubscriber;
      if (index % 10 === 0) return { subscriber: new Transport({ url: servers.url }), fits: () => true };
      const tag = tags[index % tags.length]!;
      return {
        subscriber: new Transport({ url: servers.url, tag }),
        fits: ({ tags }) => tags.includes(tag),
      };
    });
    await using _clients = leavingAtLast(watches);
    await allBegun(client, watches, tags);
    const warmUp = client.accepted.size;
    const connections = await redisClients(cluster);

    const kills = load(20, 3);
    const tasks = Math.round(load(20_000) / 3); // Each is three events: enqueued, started, ended.
    for (let kill = 1; kill <= kills; kill += 1) {
      const share = kill < kills ? Math.floor(tasks / kills) : tasks + warmUp - client.accepted.size;
      const enqueued = enqueueTagged(client, share, tags, random);
      const drops = random.between(2, 6);
      for (let drop = 0; drop < drops; drop += 1) {
        await random.pause(10, 150);
        servers.dropSome(watches.length / 10);
      }
      await servers.killOne();
      await enqueued;
    }
    const doubled = await allIsWell(cluster, client, { tasks: tasks + warmUp, doubled: 0 });
    const reviews = (): Review[] => watches.map(({ subscriber, fits }) => log.review(subscriber.heard, fits));
    await vi
      .waitFor(() => expect(reviews().filter((review) => review.pending > 0)).toEqual([]), {
        timeout: 120_000,
        interval: 500,
      })
      .catch(() => undefined); // What is missing now is told below, with all the rest.
    expect(reviews().filter(isFlawed)).toEqual([]);
    const subscribers = watches.map(({ subscriber }) => subscriber);
    expect(subscribers.flatMap(({ failures, resets }) => [...failures, ...resets])).toEqual([]);

    const left = Promise.all(subscribers.map((subscriber) => subscriber[Symbol.asyncDispose]()));
    await random.pause(200, 400);
    // Servers find lost sockets by their pings, after up to 24 s: the long form waits for that.
    if (!LONG) servers.dropAll();
    await left;
    await holdNothing(servers);
    expect(await redisClients(cluster)).toBe(connections);
    const heard = subscribers.reduce((sum, subscriber) => sum + subscriber.heard.length, 0);
    const resumed = subscribers.reduce((sum, subscriber) => sum + subscriber.connections - 1, 0);
    const merged = reviews().reduce((sum, review) => sum + review.merged, 0);
    report({
      test: "subscription-resume",
      fault: `${kills} SIGKILLs of 3 servers, sockets reset and lost`,
      tasks,
      lost: 0,
      doubled,
      resumedMs: null,
      note: `${subscribers.length} subscribers resumed ${resumed} times and heard ${heard} updates; gaps 0, doubles 0, merged ${merged}; ${log.overtaken} of ${log.told.length} events were overtaken by newer ones`,
    });
  },
);

test(
  "subscribers that never read cost the server little memory and are cut off or notified of their losses; the others continue",
  { timeout: 600_000 },
  async () => {
    const random = new Random("slow-subscriber");
    await using cluster = await startCluster();
    await using servers = await new Servers(cluster, random).start(1);
    const [server] = servers.alive;
    await Promise.all([cluster.worker({ concurrency: 50 }), cluster.worker({ concurrency: 50 })]);
    await using log = new EventLog(cluster);
    const client = new Client(servers.direct);
    const tags = Array.from({ length: 10 }, (_, index) => `group-${index}`);
    const normal = Array.from({ length: 50 }, (_, index): Watch => {
      const tag = tags[index % tags.length]!;
      const subscriber = new SocketSubscriber({ url: servers.direct, tag });
      return { subscriber, fits: (task) => task.tags.includes(tag) };
    });
    await using _clients = leavingAtLast(normal);
    await allBegun(client, normal, tags);
    const warmUp = client.accepted.size;
    const tasks = load(40_000);
    const flow = (count: number, perSecond: number): Promise<Flow> =>
      measure(server!, normal, async () => {
        const senders = 4;
        const pace = {
          perSecond: perSecond / senders,
          most: perSecond === Infinity ? 200 : 30,
          also: [WIDE_TAG],
        };
        await Promise.all(
          Array.from({ length: senders }, () => enqueueTagged(client, count / senders, tags, random, pace)),
        );
        await cluster.checker.allFinal(client.accepted);
      });

    const before = await flow(tasks / 8, TASKS_PER_SECOND);
    await probeOf(server!);
    const greedy = load(50, 15);
    const crowd = (first: number): Promise<SlowReader[]> =>
      Promise.all(
        Array.from({ length: greedy }, (_, index) => SlowReader.open(servers.direct(), first + index)),
      );
    const slow = await crowd(0);
    const during = await flow(tasks / 8, TASKS_PER_SECOND);
    // Fresh ones, whose buffers are empty, and as much as is taken: there is much to read for all
    // of them at once.
    slow.push(...(await crowd(greedy)));
    const burst = await flow((tasks / 4) * 3, Infinity);
    const probe = await probeOf(server!);
    expect(Math.max(during.peakMb, burst.peakMb) - before.peakMb).toBeLessThan(100);
    // Not a matter of speed: without turns it serves the greedy ones and nobody else until their
    // buffers are full.
    expect(probe.busyMs).toBeLessThan(5_000);
    const verdicts = await Promise.all(slow.map((reader) => reader.leave()));

    const doubled = await allIsWell(cluster, client, { tasks: tasks + warmUp, doubled: 0 });
    // What a normal one missed, it was told of; and nothing else went wrong.
    const unexplained = (): object[] =>
      normal.flatMap(({ subscriber, fits }) => {
        const { gaps, merged, ...flaws } = log.review(subscriber.heard, fits);
        const told = gaps <= subscriber.skipped;
        return told && Object.values(flaws).every((count) => count === 0) ? [] : [{ gaps, merged, ...flaws }];
      });
    await vi.waitFor(() => expect(unexplained()).toEqual([]), { timeout: 30_000, interval: 500 });
    const subscribers = normal.map(({ subscriber }) => subscriber);
    expect(subscribers.flatMap(({ failures, resets }) => [...failures, ...resets])).toEqual([]);
    expect(server!.stderrLines.length).toBeLessThan(50);
    await Promise.all(subscribers.map((subscriber) => subscriber[Symbol.asyncDispose]()));
    await holdNothing(servers);
    const cutOff = verdicts.filter((verdict) => verdict === "cut off").length;
    report({
      test: "slow-subscriber",
      fault: `${greedy} and again ${greedy} subscribers that never read, beside ${normal.length} others`,
      tasks,
      lost: 0,
      doubled,
      resumedMs: null,
      note:
        `${during.eventsPerSecond} events/s; memory ${Math.round(before.peakMb)} MiB without, ${Math.round(during.peakMb)} MiB with them, ${Math.round(burst.peakMb)} in a burst; ` +
        `${cutOff} cut off, ${slow.length - cutOff} told what they missed; longest block ${probe.busyMs} ms; delay of the others (p99) ${before.p99Ms} ms without, ${during.p99Ms} ms with them`,
    });
  },
);

interface Flow {
  readonly peakMb: number;
  readonly eventsPerSecond: number;
  readonly p99Ms: number;
}

/** What a server holds, and how late subscribers hear, while something is done. */
async function measure(server: Child, watches: readonly Watch[], work: () => Promise<void>): Promise<Flow> {
  const begins = watches.map(({ subscriber }) => subscriber.delays.length);
  const begun = performance.now();
  let peakMb = 0;
  const look = setInterval(() => {
    void footprint(server.pid).then(({ rssMb }) => (peakMb = Math.max(peakMb, rssMb)));
  }, 50);
  try {
    await work();
  } finally {
    clearInterval(look);
  }
  const delays = watches.flatMap(({ subscriber }, index) => subscriber.delays.slice(begins[index]));
  // Each group is watched by five, and all groups together are all tasks.
  const eventsPerSecond = Math.round(delays.length / 5 / ((performance.now() - begun) / 1_000));
  return {
    peakMb,
    eventsPerSecond,
    p99Ms: delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? 0,
  };
}

/** So that no client lives on after a test that failed. */
function leavingAtLast(watches: readonly Watch[]): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(watches.map(({ subscriber }) => subscriber[Symbol.asyncDispose]()));
    },
  };
}

/**
 * Sends tasks until every subscriber has heard of one: who has heard nothing yet has no cursor to
 * go on from.
 */
async function allBegun(client: Client, watches: readonly Watch[], tags: readonly string[]): Promise<void> {
  await vi.waitFor(
    async () => {
      await client.send([{ options: { tags } }]);
      expect(watches.filter(({ subscriber }) => !subscriber.begun)).toEqual([]);
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** No subscription and no socket is left on any server. */
async function holdNothing(servers: Servers): Promise<void> {
  await vi.waitFor(
    async () => {
      for (const server of servers.alive)
        expect(await probeOf(server)).toMatchObject({ subscriptions: 0, streams: 0, sockets: 0 });
    },
    { timeout: 60_000, interval: 500 },
  );
}

/**
 * Whether a subscriber can tell that something went wrong. It asked for merging, where too much
 * comes at once.
 */
function isFlawed({ merged: _, ...flaws }: Review): boolean {
  return Object.values(flaws).some((count) => count > 0);
}

interface Pace {
  /** @default as fast as they are taken */
  readonly perSecond?: number;
  /** Tasks in one request. @default 30 */
  readonly most?: number;
  readonly also?: readonly string[];
}

/**
 * Sends tasks of random groups, a few in each request; as fast as they are taken, or evenly at a
 * rate.
 */
async function enqueueTagged(
  client: Client,
  count: number,
  tags: readonly string[],
  random: Random,
  { perSecond = Infinity, most = 30, also = [] }: Pace = {},
): Promise<void> {
  const begun = performance.now();
  for (let sent = 0; sent < count;) {
    const early = begun + (sent / perSecond) * 1_000 - performance.now();
    if (early > 0) await sleep(early);
    const some = Math.min(random.between(1, most), count - sent);
    await client.send(
      Array.from({ length: some }, () => ({ options: { tags: [random.pick(tags), ...also] } })),
    );
    sent += some;
  }
}

/** Connections of this cluster's processes to Redis. */
async function redisClients({ admin, prefix }: Pick<Cluster, "admin" | "prefix">): Promise<number> {
  const list = (await admin.client("LIST")) as string;
  return list.split("\n").filter((line) => line.includes(` name=${prefix}`)).length;
}
