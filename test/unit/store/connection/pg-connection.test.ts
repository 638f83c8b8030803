import type { Client, PoolClient } from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { PgConnection } from "../../../../src/store/connection/pg-connection.ts";
import { SessionRenewal } from "../../../../src/store/connection/sessions.ts";

const SILENCE_MS = 10_000;

const FAKED = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] as const;
beforeEach(() => void vi.useFakeTimers({ toFake: [...FAKED] }));
afterEach(() => void vi.useRealTimers());

/** A connection in use, over a client whose answers the test gives. */
function setUp(silenceMs = SILENCE_MS, signal: AbortSignal | null = null) {
  let asked: PromiseWithResolvers<unknown> | null = null;
  const destroy = vi.fn((error: Error) => asked?.reject(error));
  const client = {
    query: () => (asked = Promise.withResolvers()).promise,
    release: () => undefined,
    connection: { stream: { destroy } },
  };
  const onSilent = vi.fn();
  const limits = { statementMs: 0, lockMs: 0, silenceMs };
  const on = { silent: onSilent, cancel: vi.fn(), renewal: new SessionRenewal(silentLogger) };
  const connection = new PgConnection(client as unknown as PoolClient & Client, limits, on);
  connection.take({ signal, onRelease: () => undefined });
  const ask = (): { outcome: string } => {
    const statement = { outcome: "waits" };
    connection.query("select 1", []).then(
      () => (statement.outcome = "answered"),
      (error: Error) => (statement.outcome = (error.cause as Error).name),
    );
    return statement;
  };
  return {
    connection,
    ask,
    answer: () => asked!.resolve({ rows: [] }),
    destroy,
    onSilent,
    cancel: on.cancel,
  };
}

test("a statement of an ended operation is cancelled until it has ended: a request may arrive before it", async () => {
  const ended = new AbortController();
  const { ask, answer, cancel } = setUp(0, ended.signal);
  ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(cancel).not.toHaveBeenCalled();
  ended.abort();
  await vi.advanceTimersByTimeAsync(600);
  expect(cancel).toHaveBeenCalledTimes(3);
  answer();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(cancel).toHaveBeenCalledTimes(3);
});

describe("a statement without an answer", () => {
  test("fails after its bound, with the duration of the silence", async () => {
    const { connection, ask, onSilent } = setUp();
    await vi.advanceTimersByTimeAsync(500);
    const askedAt = performance.now();
    const asked = ask();
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(asked.outcome).toBe("waits");
    await vi.advanceTimersByTimeAsync(200);
    expect(asked.outcome).toBe("SilenceError");
    expect(onSilent).toHaveBeenCalledExactlyOnceWith(connection, askedAt);
  });

  test("waits forever without a bound", async () => {
    const { connection, ask, answer } = setUp(0);
    const asked = ask();
    await vi.advanceTimersByTimeAsync(10 * SILENCE_MS);
    expect(connection.doubt(performance.now())).toBe(false);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.outcome).toBe("answered");
  });
});

describe("a connection whose neighbour received nothing", () => {
  test("is closed when it is unused", async () => {
    const { connection, destroy } = setUp();
    connection.release();
    await vi.advanceTimersByTimeAsync(1);
    expect(connection.doubt(performance.now())).toBe(true);
    expect(destroy).toHaveBeenCalledOnce();
  });

  test("stays when it received something since", async () => {
    const { connection, ask, answer, destroy } = setUp();
    const since = performance.now();
    ask();
    answer();
    await vi.advanceTimersByTimeAsync(1);
    connection.release();
    expect(connection.doubt(since)).toBe(false);
    expect(destroy).not.toHaveBeenCalled();
  });

  test("gets a second for the answer under way, which counts when it comes", async () => {
    const { connection, ask, answer, destroy } = setUp();
    await vi.advanceTimersByTimeAsync(1);
    const since = performance.now();
    const asked = ask();
    connection.doubt(since);
    await vi.advanceTimersByTimeAsync(900);
    answer();
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(asked.outcome).toBe("answered");
    expect(destroy).not.toHaveBeenCalled();
  });

  test("fails its statement after that second, however often it is doubted", async () => {
    const { connection, ask } = setUp();
    await vi.advanceTimersByTimeAsync(1);
    const since = performance.now();
    const asked = ask();
    connection.doubt(since);
    await vi.advanceTimersByTimeAsync(600);
    connection.doubt(since);
    await vi.advanceTimersByTimeAsync(600);
    expect(asked.outcome).toBe("SilenceError");
  });

  test("stays when its user is between two statements, which gets the whole time for the next", async () => {
    const { connection, ask, destroy } = setUp();
    await vi.advanceTimersByTimeAsync(1);
    connection.doubt(performance.now());
    expect(destroy).not.toHaveBeenCalled();
    const asked = ask();
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    expect(asked.outcome).toBe("waits");
  });
});
