import { type Command, Option } from "commander";
import { type Serve, withServerUrl } from "../../command.ts";

/** `lovage call`. */
export function addCall(program: Command, serve: Serve): void {
  const call = program
    .command("call")
    .description("enqueue a task on a running server")
    .argument("<name>", "the task definition's name")
    .argument("[json]", 'the input as JSON; "-" reads it from standard input', "{}");
  serve(withServerUrl(withEnqueueOptions(call)), async () => (await import("./call.ts")).call);
}

function withEnqueueOptions(command: Command): Command {
  return command
    .option("--queue <name>", "queue to put it in")
    .option("--worker <name>", "the one worker that may run it")
    .option("--priority <priority>", "low, normal, high or critical")
    .option("--delay <duration>", "run it after so long, e.g. 90s, 5m, 1d")
    .option("--run-at <time>", "run it then, e.g. 2030-05-01T09:00:00Z")
    .option("--expires-in <duration>", "give up if not started by then")
    .option("--unique-key <key>", "one unfinished task per key")
    .option("--on-conflict <what>", "if the unique key is taken: return, replace or reject (default return)")
    .option("--debounce <duration>", "start so long after the latest call with the unique key")
    .option("--max-wait <duration>", "with --debounce: start no later than so long after the first call")
    .option("--idempotency-key <key>", "the same task for the same key, for good")
    .option("--tag <tags...>", "tags to give it")
    .option(
      "--results-expire <durations>",
      "keep it so long once it has ended, e.g. 1d, or success=1d,failure=30d",
    )
    .option("--ignore-result", "check its output, and do not keep it")
    .option("--max-attempts <number>", "attempts in all")
    .option("--time-limit <duration>", "longest run of one attempt")
    .option("--soft-time-limit <duration>", "ask an attempt to come to an end after so long")
    .option("--explain", "tell what it would do, and why; nothing is enqueued")
    .option("--broadcast", "enqueue it once for each live worker that knows it")
    .option("--wait", "wait for its end; progress on stderr, the result on stdout")
    .addOption(new Option("--timeout <duration>", "longest wait; 0 = none").default("30s"));
}
