import type { Command } from "commander";
import { type Serve, withServerUrl } from "./command.ts";

const load = () => import("./queues.ts");

/** `lovage queues …`: the list, and what can be done to one of them. */
export function addQueues(program: Command, serve: Serve): void {
  const queues = program.command("queues").description("list queues, or change one");
  serve(withServerUrl(queues), async () => (await import("./lists.ts")).queues);
  const add = (name: string, description: string): Command =>
    withServerUrl(queues.command(name).description(description).argument("<name>", "the queue's name"));
  serve(add("pause", "hand out no more of its tasks; what runs goes on"), async () => (await load()).pause);
  serve(add("resume", "hand out its tasks again"), async () => (await load()).resume);
  const limit = add("limit", "limit how its tasks run, over all workers; what is not given has no limit")
    .option("--concurrency <number>", "how many may run at once")
    .option("--rate <rate>", "how often they may start, e.g. 10/s, 100/m")
    .option("--none", "no limits");
  serve(limit, async () => (await load()).limit);
  const purge = add("purge", "revoke all of its tasks that wait for a worker").option(
    "--yes",
    "do it: without this it only says what it would do",
  );
  serve(purge, async () => (await load()).purge);
}
