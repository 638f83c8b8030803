import { type Command, Option } from "commander";
import { type Serve, withServerUrl } from "../../command.ts";

const load = () => import("./workers.ts");

/** `lovage workers …`: the list, and commands to workers. */
export function addWorkers(program: Command, serve: Serve): void {
  const workers = program.command("workers").description("list workers, or tell them what to do");
  serve(withServerUrl(workers), async () => (await import("./workers.ts")).workers);
  const ping = workers.command("ping").description("ask who is there");
  serve(withSelection(ping), async () => (await load()).ping);
  addSizes(workers, serve);
  addSwitches(workers, serve);
}

/** `lovage limits …` */
export function addLimits(program: Command, serve: Serve): void {
  const limits = program
    .command("limits")
    .description("show or change what holds for a task definition, over what its code says")
    .argument("<task>", "the task definition's name")
    .option("--rate <rate>", 'starts per time, e.g. 10/s, 100/m; "none": as the definition says')
    .option("--time-limit <duration>", 'longest run of one attempt; "none": as the definition says')
    .option("--soft-time-limit <duration>", 'when an attempt is warned; "none": as the definition says')
    .option("--pause", "let its tasks wait")
    .option("--resume", "let them run again")
    .option("--reset", "take back all of it");
  serve(withServerUrl(limits), async () => (await import("./limits.ts")).limits);
}

function addSizes(workers: Command, serve: Serve): void {
  const resize = workers
    .command("resize")
    .description("fix how many tasks workers run at once")
    .argument("<number>", "tasks at once, 1 to 1024");
  serve(withSelection(resize), async () => (await load()).resize);
  const autoscale = workers
    .command("autoscale")
    .description("let that number move between two bounds")
    .argument("<max,min>", "such as 10,2");
  serve(withSelection(autoscale), async () => (await load()).autoscale);
  const queues = workers
    .command("queues")
    .description("let workers take tasks from further queues, or from some no more")
    .option("--add <names...>", "queues to take from, too")
    .option("--remove <names...>", "queues to take from no more");
  serve(withSelection(queues), async () => (await load()).queues);
  const level = workers
    .command("log-level")
    .description("change what the processes of workers log")
    .argument("<level>", "trace, debug, info, warn, error or fatal");
  serve(withSelection(level), async () => (await load()).logLevel);
}

function addSwitches(workers: Command, serve: Serve): void {
  const pause = workers.command("pause").description("let workers take no more tasks; what runs goes on");
  serve(withSelection(pause), async () => (await load()).pause);
  const resume = workers.command("resume").description("let them take tasks again");
  serve(withSelection(resume), async () => (await load()).resume);
  const restart = workers
    .command("restart-pool")
    .description("replace the child processes of workers, each when it runs nothing");
  serve(withSelection(restart), async () => (await load()).restartPool);
  const shutdown = workers
    .command("shutdown")
    .description("end workers as SIGTERM does")
    .option("--now", "give back what runs, at once");
  serve(withSelection(shutdown), async () => (await load()).shutdown);
  const reset = workers
    .command("reset")
    .description("take back what workers were told: they are as configured again")
    .argument("[settings...]", "concurrency, autoscale, queues, paused, log-level (default all)");
  serve(withSelection(reset), async () => (await load()).reset);
}

function withSelection(command: Command): Command {
  return withServerUrl(command)
    .option("--worker <names...>", "workers of these names (default all that are live)")
    .addOption(new Option("--timeout <duration>", "how long to wait for answers").default("2s"));
}
