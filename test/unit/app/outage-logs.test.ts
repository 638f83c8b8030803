import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Services } from "../../../src/app/services.ts";
import type { Stores } from "../../../src/app/adapters.ts";
import { makeWorker } from "../../../src/app/worker.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import { resolveConfig } from "../../../src/config/config.ts";
import { UnavailableError } from "../../../src/errors.ts";
import type { EventStream } from "../../../src/events/event-stream.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { type Logger, silentLogger } from "../../../src/lib/log/log.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import { NO_WORKER_SETTINGS } from "../../../src/task/records/worker-settings.ts";
import { taskEvents } from "../../support/some-events.ts";

const MINUTES = 60;
/** Of 20 lines that a process may write in a minute, a few are the connections' own. */
const MAX_LINES = 14;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Weather = () => boolean;
const up: Weather = () => true;
const away: Weather = () => false;
/** Breaks and comes back every second. */
const flapping: Weather = () => Math.floor(performance.now() / 1_000) % 2 === 0;

/** What a server in good health with nothing to do answers. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  ...{ nextDueInMs: null, brokerEpoch: "epoch", epoch: "epoch", heartbeat: true, deleteExpired: 0, depth: 0 },
  rescue: { requeued: [], failed: [], revoked: [] },
  controlOf: { settings: NO_WORKER_SETTINGS, shutdown: null, poolRestart: null, overrides: [] },
  ...{ rollUp: false, deleteOldStats: 0, deleteOldLog: 0 },
};

/** Stands for every port of one server, and counts the calls. */
function port<Port extends object>(isUp: Weather, calls: { count: number }, own: Partial<Port> = {}): Port {
  const method = (name: string) => async () => {
    calls.count += 1;
    if (!isUp()) throw new UnavailableError("database");
    return name in ANSWERS ? ANSWERS[name] : [];
  };
  return new Proxy(own, { get: (_, name) => own[name as keyof Port] ?? method(String(name)) }) as Port;
}

/** A process with all loops and a worker, for an hour of this weather. */
async function anHour(database: Weather, redis: Weather) {
  const calls = { count: 0 };
  let lines = 0;
  let stormy = false;
  const [databaseUp, redisUp] = [database, redis].map((weather) => () => !stormy || weather());
  const write = (): void => void (lines += 1);
  const log: Logger = { ...silentLogger, info: write, warn: write, error: write, child: () => log };
  const fetch = async (): Promise<never[]> => {
    calls.count += 1;
    if (!redisUp!()) throw new UnavailableError("broker");
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    return [];
  };
  const consumer = (): ReturnType<Broker["consumer"]> => ({ fetch, close: async () => undefined });
  const stores = new Proxy({} as Stores, { get: () => port(databaseUp!, calls) });
  const registry = new Registry([
    { definition: defineTask({ name: "test.task", run: () => null }), file: null },
  ]);
  const services = new Services(
    resolveConfig({ flags: {}, env: {}, cwd: "/" }).config,
    registry,
    stores,
    {
      broker: port<Broker>(redisUp!, calls, { consumer }),
      stream: port<EventStream>(redisUp!, calls),
      limiter: port(redisUp!, calls),
      results: null,
      signals: port(up, calls, { subscribe: () => () => undefined, publish: () => undefined }),
    },
    systemClock,
    log,
  );
  const worker = makeWorker(services);
  const parts = [...services.maintenance(), worker];
  for (const part of parts) await part.start();
  stormy = true;
  const perMinute: { lines: number; calls: number }[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    [lines, calls.count] = [0, 0];
    for (let second = 0; second < 60; second += 1) {
      // Callers go on enqueueing.
      void services.hints.send([{ taskId: newId(), queue: "default", priority: "NORMAL" }]);
      services.publisher.publish(taskEvents(3));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    perMinute.push({ lines, calls: calls.count });
  }
  return perMinute;
}

test.each([
  ["Redis is away", up, away],
  ["PostgreSQL is away", away, up],
  ["both are away", away, away],
  ["Redis breaks every second", up, flapping],
  ["both break every second", flapping, flapping],
])("while %s for an hour, no minute fills the log, and no loop spins", async (_what, database, redis) => {
  const minutes = await anHour(database, redis);
  expect(Math.max(...minutes.map((minute) => minute.lines))).toBeLessThanOrEqual(MAX_LINES);
  expect(Math.max(...minutes.map((minute) => minute.calls))).toBeLessThan(1_000);
});
