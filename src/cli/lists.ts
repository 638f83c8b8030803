import { listDefinitions, listQueues, listWorkers } from "../client/operations.ts";
import { connect } from "./connect.ts";
import type { CommandContext } from "./context.ts";
import { EXIT, type ExitCode } from "./failure.ts";
import { columns } from "./output.ts";
import { limitsOf } from "./queues.ts";
import { readDuration } from "./times.ts";

/** `lovage definitions`: the task definitions that a server knows. */
export async function definitions(context: CommandContext): Promise<ExitCode> {
  await using client = await connect(context);
  const { taskDefinitions } = await client.query(listDefinitions, {});
  return printList(context, taskDefinitions, {
    empty: "The server knows no task definitions.",
    titles: ["NAME", "QUEUE", "PRIORITY", "ATTEMPTS", "MUTATION", "DESCRIPTION"],
    row: (definition) => [
      definition.name,
      definition.queue,
      definition.priority,
      String(definition.retry.maxAttempts),
      definition.mutationField ?? "-",
      definition.deprecationReason === null
        ? (definition.description ?? "")
        : `deprecated: ${definition.deprecationReason}`,
    ],
  });
}

/** `lovage workers`: the workers that a server knows, also those that are gone. */
export async function workers(context: CommandContext): Promise<ExitCode> {
  await using client = await connect(context);
  const { workers: found } = await client.query(listWorkers, {});
  return printList(context, found, {
    empty: "There is no worker. Start one with `lovage worker`.",
    titles: ["NAME", "STATUS", "BUSY", "PROCESSED", "FAILED", "LAST SEEN", "PID", "VERSION", "QUEUES"],
    row: (worker) => [
      worker.name,
      worker.status,
      `${worker.pool.busy}/${worker.pool.concurrency}`,
      String(worker.processed),
      String(worker.failed),
      worker.lastHeartbeatAt,
      String(worker.pid),
      worker.version,
      worker.queues.join(", "),
    ],
  });
}

/** `lovage queues`: the queues that a server knows. */
export async function queues(context: CommandContext): Promise<ExitCode> {
  await using client = await connect(context);
  const { queues: found } = await client.query(listQueues, {});
  return printList(context, found, {
    empty: "There is no queue yet.",
    titles: ["NAME", "WAITING", "SCHEDULED", "ACTIVE", "OLDEST WAITS", "LIMITS", "PAUSED"],
    row: (queue) => [
      queue.name,
      String(queue.waiting),
      String(queue.scheduled),
      String(queue.active),
      readDuration(queue.latency),
      limitsOf(queue).join(", "),
      queue.paused ? "paused" : "",
    ],
  });
}

/** How a list looks. */
export interface List<T> {
  readonly empty: string;
  readonly titles: readonly string[];
  readonly row: (item: T) => readonly string[];
}

/** Prints what a server has several of: as a table, or as JSON. */
export function printList<T>({ output }: CommandContext, items: readonly T[], list: List<T>): ExitCode {
  if (output.json) output.value(items);
  else if (items.length === 0) output.note(list.empty);
  else output.data(columns(list.titles, items.map(list.row)));
  return EXIT.ok;
}
