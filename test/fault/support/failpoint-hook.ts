import { registerHooks } from "node:module";

/**
 * Loaded before Lovage (`node --import`), this turns the comments
 * `// failpoint: <name> [when <condition>]` of its built files into code, so that a process dies,
 * fails or halts exactly there. Without it they are comments: the package holds no code for them.
 *
 * `FAILPOINT=<name>:<action>[@<hit>]`, several separated by commas. Actions: `kill` (SIGKILL to
 * itself), `error` (throws), `halt` (SIGSTOP to itself, until someone continues it). `@3` acts at
 * the third time only; without it at the first.
 */
const MARK = /^(\s*)\/\/ failpoint: ([\w.-]+)(?: when (.+))?$/gm;

const actions = new Map(
  (process.env.FAILPOINT ?? "").split(",").map((entry) => {
    const [, name, action, hit] = /^([\w.-]+):(kill|error|halt)(?:@(\d+))?$/.exec(entry) ?? [];
    if (!name) throw new Error(`FAILPOINT must be <name>:<kill|error|halt>[@<hit>], got "${entry}".`);
    return [name, { action, left: Number(hit ?? 1) }];
  }),
);

function reach(name: string): void {
  const point = actions.get(name);
  if (!point || (point.left -= 1) !== 0) return;
  console.error(`failpoint ${name}: ${point.action}`);
  if (point.action === "error") throw new Error(`Failpoint ${name}.`);
  process.kill(process.pid, point.action === "kill" ? "SIGKILL" : "SIGSTOP");
}

Object.assign(globalThis, { lovageFailpoint: reach });

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!/\/\.?dist[\w-]*\/(?!graphiql).*\.js$/.test(url) || url.includes("/node_modules/") || !loaded.source)
      return loaded;
    const source =
      typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    return {
      ...loaded,
      source: source.replaceAll(
        MARK,
        (_, indent: string, name: string, condition = "true") =>
          `${indent}if (${condition}) lovageFailpoint("${name}");`,
      ),
    };
  },
});
