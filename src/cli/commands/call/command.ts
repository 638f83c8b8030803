import { type Command, Option } from "commander";
import { type Serve, withServerUrl } from "../../command.ts";

/** `lovage call`. */
export function addCall(program: Command, serve: Serve): void {
  const call = program
    .command("call")
    .description("enqueue a task on a running server")
    .argument("<name>", "name of the task definition")
    .argument("[json]", 'input as JSON; "-" reads standard input', "{}");
  serve(withServerUrl(withEnqueueOptions(call)), async () => (await import("./call.ts")).call);
}

function withEnqueueOptions(command: Command): Command {
  return command
    .option("--queue <name>", "enqueue it in this queue")
    .option("--worker <name>", "let only this worker run it")
    .option("--priority <priority>", "set its priority: low, normal, high or critical")
    .option("--delay <duration>", "run it after this duration, e.g. 90s, 5m, 1d")
    .option("--run-at <time>", "run it at this time, e.g. 2030-05-01T09:00:00Z")
    .option("--expires-in <duration>", "expire it if it has not started after this duration")
    .option("--unique-key <key>", "allow one unfinished task with this key")
    .option(
      "--on-conflict <what>",
      "when the unique key is taken: return, replace or reject (default return)",
    )
    .option("--debounce <duration>", "start it this long after the latest call with the unique key")
    .option("--max-wait <duration>", "with --debounce: start it at most this long after the first call")
    .option("--idempotency-key <key>", "return the same task for every call with this key")
    .option("--tag <tags...>", "add tags to it")
    .option(
      "--results-expire <durations>",
      "keep it this long after its end, e.g. 1d, or success=1d,failure=30d",
    )
    .option("--ignore-result", "check its output without storing it")
    .option("--max-attempts <number>", "make at most this many attempts")
    .option("--time-limit <duration>", "end an attempt after this duration")
    .option("--soft-time-limit <duration>", "ask an attempt to stop after this duration")
    .option("--explain", "print what the call would do and why, without enqueueing anything")
    .option("--broadcast", "enqueue it once for each live worker that has its definition")
    .option("--wait", "wait for its end; print progress to stderr and the result to stdout")
    .addOption(new Option("--timeout <duration>", "wait at most this long; 0 = no limit").default("30s"));
}
