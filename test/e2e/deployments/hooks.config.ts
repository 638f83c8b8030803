import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { defineConfig, type Hooks, type Middleware, RefusedError } from "lovage";

/** What wraps the code that runs, the outermost first. */
export const around = new AsyncLocalStorage<readonly string[]>();

/** Prints what a hook was told, for whoever reads the output of its process. */
export function note(hook: string, event: object): void {
  const { task, worker, error, output } = event as Partial<Record<string, Readonly<Record<string, unknown>>>>;
  const said = {
    ...{ hook, about: task?.["name"] ?? worker?.["name"], state: task?.["state"] ?? worker?.["status"] },
    ...(error === undefined ? {} : { error: error && error["message"] }),
    ...(output === undefined ? {} : { output }),
  };
  process.stdout.write(`${JSON.stringify({ ...said, pid: process.pid, main: isMainThread })}\n`);
}

const NAMES = [
  "enqueued",
  "started",
  "succeeded",
  "retrying",
  "snoozed",
  "failed",
  "revoked",
  "givenBack",
].map((name) => `task:${name}`);
const hooks: Hooks = Object.fromEntries(
  [...NAMES, "worker:ready", "worker:stopping", "worker:lost"].map((name) => [
    name,
    (event: object) => note(name, event),
  ]),
);

/** Says where it was asked, and does what `wish` says. */
const enqueue: Middleware["enqueue"] = ({ name, args, options }) => {
  const { wish } = args as { readonly wish?: string };
  if (name !== "hooks.place") return undefined;
  if (wish === "forbidden")
    throw new RefusedError([{ code: "FORBIDDEN", path: ["args", "wish"], message: "That is not for you." }]);
  if (wish === "broken") throw new TypeError("a bug of the middleware");
  return {
    options: { ...options, meta: { enqueuedBy: process.pid } },
    ...(wish === "change" ? { args: { wish: "was changed" } } : {}),
  };
};

function wrap(name: string, next: () => Promise<unknown>): Promise<unknown> {
  return around.run([...(around.getStore() ?? []), name], next);
}

export default defineConfig({
  hooks: {
    ...hooks,
    "worker:stopped": async (event) => {
      await sleep(50);
      note("worker:stopped", event);
    },
  },
  middleware: [
    { name: "outer", enqueue, run: (_ctx, next) => wrap("outer", next) },
    {
      name: "inner",
      run: async (ctx, next) => {
        const { wish } = (ctx.input ?? {}) as { readonly wish?: string };
        if (wish === "never") throw new RangeError("before the code");
        const output = await wrap("inner", next);
        return wish === "another" ? { another: output } : output;
      },
    },
  ],
});
