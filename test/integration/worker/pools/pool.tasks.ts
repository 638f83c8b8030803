import { execSync, spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { serialize } from "node:v8";
import { isMainThread, parentPort, threadId, workerData } from "node:worker_threads";
import { defineTask, FatalError, RetryTask } from "lovage";
import { z } from "zod";

const pool = "processes";
/** The child that runs this. */
const child = isMainThread ? process.pid : threadId;

export const echo = defineTask({
  name: "pool.echo",
  pool,
  input: z.object({ text: z.string(), times: z.number().default(2) }),
  output: z.object({ child: z.number(), texts: z.array(z.string()), facts: z.unknown() }),
  run: ({ text, times }, ctx) => {
    ctx.log.info("echoing", { text, err: new TypeError("not a real one") });
    console.log("said by %s", "console");
    ctx.progress(1, 2, "half");
    ctx.progress(2, 2, "done");
    const { id, name, attempt, maxAttempts, queue, tags, idempotencyKey, workerName, schedule } = ctx;
    return {
      child,
      texts: Array.from({ length: times }, () => text),
      facts: {
        ...{ id, name, attempt, maxAttempts, queue, tags, idempotencyKey, workerName },
        slot: schedule?.slot?.toISOString(),
        startedAt: ctx.startedAt.toISOString(),
      },
    };
  },
});

class Refused extends FatalError {
  override readonly name = "Refused";
}

export const fail = defineTask({
  name: "pool.fail",
  pool,
  run: (input) => {
    if (input === "fatal") throw new FatalError("no further attempt helps");
    if (input === "refused") throw new Refused("by a class of its own");
    if (input === "text") throw "only a text"; // oxlint-disable-line no-throw-literal -- what it is about
    if (input === "hostile")
      throw new Proxy(new Error("unreadable"), {
        get: () => {
          throw new Error("unreadable");
        },
      });
    throw new RangeError("out of range", { cause: new Error("the cause of it") });
  },
});

/** Ends its process, one way or another. */
export const end = defineTask({
  name: "pool.end",
  pool,
  run: async (input) => {
    if (input === "exit") process.exit(3);
    if (input === "abort") process.abort();
    if (input === "segv") process.kill(process.pid, "SIGSEGV");
    setTimeout(() => {
      throw new Error("thrown where nothing catches it");
    }, 10);
    await sleep(60_000);
  },
});

export const loop = defineTask({
  name: "pool.loop",
  pool,
  run: (_input, ctx) => {
    ctx.log.info("looping", { child });
    for (;;);
  },
});

/** Ends by its signal, and tells what it was. */
export const wait = defineTask({
  name: "pool.wait",
  pool,
  run: (_input, ctx) =>
    new Promise<null>((_resolve, reject) => {
      ctx.log.info("waiting", { child });
      ctx.signal.addEventListener("abort", () => {
        ctx.log.info("aborted", { reason: (ctx.signal.reason as Error).name });
        reject(ctx.signal.reason);
      });
    }),
});

/** Comes to an end by its signal, one way or another. */
export const tidy = defineTask({
  name: "pool.tidy",
  pool,
  run: (input, ctx) =>
    new Promise((resolve, reject) => {
      ctx.signal.addEventListener("abort", () => {
        const reason = ctx.signal.reason as Error;
        const left = (ctx.deadline?.getTime() ?? Number.NaN) - Date.now();
        if (input === "return") resolve({ reason: reason.name, left });
        else if (input === "throw") reject(reason);
      });
    }),
});

/** Hears no signal. */
export const deaf = defineTask({
  name: "pool.deaf",
  pool,
  run: async (_input, ctx) => {
    ctx.log.info("deaf", { child });
    await sleep(60_000);
  },
});

/** Holds ever more memory, in small or large steps. */
export const hoard = defineTask({
  name: "pool.hoard",
  pool,
  run: (input) => {
    const hoarded: unknown[] = [];
    const map = new Map<number, unknown>();
    for (let round = 0; ; round += 1) {
      if (input === "heap") hoarded.push(Array.from({ length: 100_000 }, () => ({ hoarded })));
      if (input === "buffer") hoarded.push(Buffer.alloc(16 * 2 ** 20, 1));
      if (input === "arrays") hoarded.push(Array.from<number>({ length: 8_000_000 }).fill(1.5));
      if (input === "map") map.set(round, hoarded);
      if (input === "JSON") hoarded.push(JSON.parse(`[${"1.5,".repeat(3_000_000)}1]`));
    }
  },
});

const kept: Buffer[] = [];

/** Leaves memory behind in its child. */
export const keep = defineTask({
  name: "pool.keep",
  pool,
  run: () => {
    kept.push(Buffer.alloc(60 * 2 ** 20, 1));
    return child;
  },
});

/** Waits where JavaScript cannot be interrupted. */
export const block = defineTask({
  name: "pool.block",
  pool,
  run: (_input, ctx) => {
    ctx.log.info("blocking");
    execSync("sleep 8");
  },
});

export const who = defineTask({ name: "pool.who", pool, run: () => child });

function send(message: unknown): void {
  const body = serialize(message);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  let rest = Buffer.concat([head, body]);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(3, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

/** Goes past what a task should do, by the channel that it should not know. */
export const forge = defineTask({
  name: "pool.forge",
  pool,
  run: async (input) => {
    if (input === "port") {
      parentPort!.postMessage({ type: "succeeded", run: 1, output: "1" });
      return Object.keys(workerData as object).length === 0 ? "fine" : "found";
    }
    const noise: unknown[] = [
      null,
      7,
      "text",
      { type: "constructor" },
      { type: "progress", run: 1, current: "x" },
      { type: "failed", run: 1 },
      { type: "log", level: "shout", message: "x", fields: "{}" },
    ];
    for (const message of noise) send(message);
    if (input === "garbage") writeSync(3, "garbage, and more of it");
    if (input === "garbled") writeSync(3, Buffer.from([0, 0, 0, 4, 1, 2, 3, 4]));
    if (input === "no JSON") send({ type: "succeeded", run: 1, output: "{" });
    if (input === "too large") send({ type: "succeeded", run: 1, output: `"${"x".repeat(2 ** 21)}"` });
    if (input === "bad key") send({ type: "succeeded", run: 1, output: '{"__proto__":{"x":1}}' });
    await sleep(input === "noise" ? 50 : 60_000);
    return "fine";
  },
});

export const unfit = defineTask({
  name: "pool.unfit",
  pool,
  output: z.object({ x: z.number() }),
  run: () => ({ x: "no number" }) as never,
});

export const transact = defineTask({
  name: "pool.transact",
  pool,
  run: (_input, ctx) => ctx.transaction(() => "never"),
});

export const chatty = defineTask({
  name: "pool.chatty",
  pool,
  run: async () => {
    for (let line = 0; line < 100_000; line += 1) {
      console.log("line", line);
      // What was sent is taken now and then: the number of records must be bounded by itself.
      if (line % 500 === 0) await sleep(1);
    }
  },
});

/** Leaves a process of its own behind. */
export const breed = defineTask({
  name: "pool.breed",
  pool,
  run: (_input, ctx) => {
    const { pid: offspring } = spawn("sleep", ["600"], { stdio: "ignore" });
    ctx.log.info("bred", { pid: offspring });
    for (;;);
  },
});

/** Asks for another attempt, in every way. */
export const again = defineTask({
  name: "pool.again",
  pool,
  input: z.object({ how: z.string(), page: z.number().default(1) }),
  retry: {
    notOn: ["Hopeless"],
    backoff: (attempt, error) => (error instanceof RangeError ? attempt * 7_000 : "1m"),
  },
  expectedErrors: [RangeError],
  run: ({ how, page }, ctx) => {
    if (how === "snooze") ctx.snooze("90s");
    if (how === "input")
      throw new RetryTask({ delay: "5s", input: { how, page: page + 1 }, reason: "next page" });
    if (how === "misfit") throw new RetryTask({ input: { how, page: "two" } });
    if (how === "hopeless") throw Object.assign(new Error("no"), { name: "Hopeless" });
    throw new RangeError("out of range", { cause: new TypeError("deep", { cause: new Error("deeper") }) });
  },
});
