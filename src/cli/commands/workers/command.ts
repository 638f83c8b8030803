import { type Command, Option } from "commander";
import { type Serve, withServerUrl } from "../../command.ts";

const load = () => import("./workers.ts");

/** `lovage workers`, which lists, and its subcommands, which send commands to workers. */
export function addWorkers(program: Command, serve: Serve): void {
  const workers = program.command("workers").description("list workers, or send them commands");
  serve(withServerUrl(workers), async () => (await load()).workers);
  const ping = workers.command("ping").description("ask workers for a reply");
  serve(withSelection(ping), async () => (await load()).ping);
  addSettings(workers, serve);
  addSwitches(workers, serve);
}

/** `lovage limits`. */
export function addLimits(program: Command, serve: Serve): void {
  const limits = program
    .command("limits")
    .description("show the limits of a task definition, or override those of its code")
    .argument("<task>", "name of the task definition")
    .option("--rate <rate>", 'start at most this many, e.g. 10/s, 100/m; "none" restores the code\'s')
    .option("--time-limit <duration>", 'end an attempt after this duration; "none" restores the code\'s')
    .option(
      "--soft-time-limit <duration>",
      'ask an attempt to stop after this duration; "none" restores the code\'s',
    )
    .option("--pause", "pause the definition: its tasks wait")
    .option("--resume", "resume the definition")
    .option("--reset", "discard all overrides");
  serve(withServerUrl(limits), async () => (await import("./limits.ts")).limits);
}

function addSettings(workers: Command, serve: Serve): void {
  const resize = workers
    .command("resize")
    .description("set how many tasks workers run at once")
    .argument("<number>", "tasks at once, 1 to 1024");
  serve(withSelection(resize), async () => (await load()).resize);
  const autoscale = workers
    .command("autoscale")
    .description("vary how many tasks workers run at once between two bounds")
    .argument("<max,min>", "the bounds, e.g. 10,2");
  serve(withSelection(autoscale), async () => (await load()).autoscale);
  const queues = workers
    .command("queues")
    .description("add queues to those that workers fetch from, or remove some")
    .option("--add <names...>", "fetch from these queues too")
    .option("--remove <names...>", "stop fetching from these queues");
  serve(withSelection(queues), async () => (await load()).queues);
  const level = workers
    .command("log-level")
    .description("set the log level of the processes of workers")
    .argument("<level>", "trace, debug, info, warn, error or fatal");
  serve(withSelection(level), async () => (await load()).logLevel);
  const reset = workers
    .command("reset")
    .description("discard the runtime settings of workers: their configuration holds again")
    .argument("[settings...]", "concurrency, autoscale, queues, paused, log-level (default all)");
  serve(withSelection(reset), async () => (await load()).reset);
}

function addSwitches(workers: Command, serve: Serve): void {
  const pause = workers
    .command("pause")
    .description("stop workers from fetching tasks; running tasks continue");
  serve(withSelection(pause), async () => (await load()).pause);
  const resume = workers.command("resume").description("let paused workers fetch tasks again");
  serve(withSelection(resume), async () => (await load()).resume);
  const restart = workers
    .command("restart-pool")
    .description("replace the child processes of workers, each when it is idle");
  serve(withSelection(restart), async () => (await load()).restartPool);
  const shutdown = workers
    .command("shutdown")
    .description("stop workers as SIGTERM does")
    .option("--now", "requeue running tasks at once");
  serve(withSelection(shutdown), async () => (await load()).shutdown);
}

function withSelection(command: Command): Command {
  return withServerUrl(command)
    .option("--worker <names...>", "only workers with these names (default all live workers)")
    .addOption(new Option("--timeout <duration>", "wait this long for replies").default("2s"));
}
