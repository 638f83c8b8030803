import { expect, onTestFinished, test, vi } from "vitest";

import { EventFeed, type FeedItem } from "../../../src/engine/events/event-feed.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { RedisEventStream } from "../../../src/events/redis/event-stream.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLogger as log } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { startRedis } from "../../support/servers/redis-server.ts";
import { startTcpProxy } from "../../support/servers/tcp-proxy.ts";
import { taskEvents } from "../../support/some-events.ts";

/** What a read may take that nobody answers. */
const BOUND_MS = 2_800;

async function setup() {
  const server = await startRedis();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const proxy = await startTcpProxy({ port: server.port });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const connections = new RedisConnections({ url: `redis://127.0.0.1:${proxy.port}`, log });
  const stream = new RedisEventStream({ connections, prefix: "app", log, blockMs: 500 });
  await stream.connect();
  const feed = new EventFeed({ stream, clock: systemClock, log });
  await feed.start();
  onTestFinished(async () => {
    await feed.stop();
    await stream.close();
    await connections.close();
  });
  return { server, proxy, stream, feed };
}

test("while Redis is silent, every read of events ends with an error within its bound", async () => {
  const { server, proxy, stream } = await setup();
  await server.kill("SIGSTOP");
  try {
    // The first meets the old connection, the later ones those that are made to a server which
    // accepts and stays silent.
    for (let round = 0; round < 4; round += 1) {
      const [startedAt, { accepted }] = [performance.now(), proxy];
      const reads = [stream.readAfter("0-0.0", 10), stream.head(), stream.append(taskEvents(1))];
      for (const read of await Promise.allSettled(reads)) {
        expect(read).toMatchObject({ status: "rejected", reason: expect.any(UnavailableError) as Error });
      }
      expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
      await vi.waitFor(() => expect(proxy.accepted).toBeGreaterThan(accepted), 5_000);
    }
  } finally {
    await server.kill("SIGCONT");
  }
});

test("a subscriber that starts while Redis is silent gets the missed events when it is back, and may leave before", async () => {
  const { server, stream, feed } = await setup();
  const events = taskEvents(3);
  await stream.append(events);
  await server.kill("SIGSTOP");
  const subscribe = (): AsyncIterableIterator<FeedItem, undefined> =>
    feed.subscribe({ after: "0-0.0", accept: () => true });
  const [leaving, staying] = [subscribe(), subscribe()];
  const [left, first] = [leaving.next(), staying.next()];
  await leaving.return!();
  expect(await left).toEqual({ done: true, value: undefined });
  // Long enough for the connection to be given up and made anew.
  await vi.waitFor(() => expect(stream.head()).rejects.toThrow(/.*/), 5_000);
  await server.kill("SIGCONT");
  expect(await first).toMatchObject({ value: { type: "event", event: events[0] } });
  expect(await staying.next()).toMatchObject({ value: { type: "event", event: events[1] } });
  await staying.return!();
});
