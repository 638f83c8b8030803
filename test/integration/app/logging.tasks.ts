import { defineTask, type TaskContext } from "lovage";

/** Says things in every way, also unkind ones. */
function say(ctx: TaskContext): null {
  const circular: Record<string, unknown> = { size: 1n };
  circular.self = circular;
  ctx.log.info("plain", { size: 1, nested: { list: [1, "two"] } });
  ctx.log.child({ part: "a" }).warn("part", { step: 2 });
  ctx.log.error("unkind \u0000 \ud800", {
    text: "\u0000",
    err: Object.assign(new Error("inner"), { stack: "" }),
  });
  ctx.log.fatal("circular", { ...circular, date: new Date(0), none: undefined });
  ctx.log.info(7 as never);
  ctx.progress(1, 2, "half \u0000 done");
  return null;
}

export const here = defineTask({ name: "logging.here", run: (_input, ctx) => say(ctx) });
function sayWithConsole(ctx: TaskContext): null {
  console.log("console %d", 1);
  console.error("console", 2);
  return say(ctx);
}
export const inChild = defineTask({
  name: "logging.child",
  pool: "processes",
  run: (_input, ctx) => sayWithConsole(ctx),
});
export const inThread = defineTask({
  name: "logging.thread",
  pool: "threads",
  run: (_input, ctx) => sayWithConsole(ctx),
});

/** Tells things while it runs and after it, and tries to tell what cannot be told. */
async function tell(ctx: TaskContext): Promise<unknown> {
  ctx.emit("page.done", { page: 1 });
  ctx.progress(1, 3);
  ctx.emit("page.done", { page: 2 });
  const refusals: unknown[] = [];
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (const [type, payload] of [
    ["no name", 1],
    ["big", 1n],
    ["nul", "\u0000"],
    ["half", "\ud800"],
    ["circular", circular],
    ["huge", "x".repeat(17_000)],
  ] as const)
    try {
      ctx.emit(type, payload);
    } catch (error) {
      refusals.push((error as Error).name);
    }
  try {
    ctx.progress(7n as never);
  } catch (error) {
    refusals.push((error as Error).name);
  }
  ctx.progress(2, 3, { odd: true } as never);
  // In a later turn: what it returns has gone by then.
  setImmediate(() => {
    ctx.log.info("too late");
    ctx.emit("late");
    ctx.progress(3, 3, "too late");
  });
  return refusals;
}

const flood = (ctx: TaskContext): null => {
  for (let page = 0; page < 1_000; page += 1) ctx.emit("flood", page);
  return null;
};

export const tellHere = defineTask({ name: "telling.here", run: (_input, ctx) => tell(ctx) });
export const tellInChild = defineTask({
  name: "telling.child",
  pool: "processes",
  run: (_input, ctx) => tell(ctx),
});
export const floodHere = defineTask({ name: "flooding.here", run: (_input, ctx) => flood(ctx) });
export const floodInChild = defineTask({
  name: "flooding.child",
  pool: "processes",
  run: (_input, ctx) => flood(ctx),
});
export const tellInThread = defineTask({
  name: "telling.thread",
  pool: "threads",
  run: (_input, ctx) => tell(ctx),
});
export const floodInThread = defineTask({
  name: "flooding.thread",
  pool: "threads",
  run: (_input, ctx) => flood(ctx),
});
