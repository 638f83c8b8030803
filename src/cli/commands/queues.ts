import { show } from "../../lib/quote.ts";
import { printList } from "../output.ts";
import { showIsoDuration } from "../times.ts";
import {
  PauseQueueDocument,
  PurgeQueueDocument,
  type QueueFieldsFragment,
  ReadQueueDocument,
  ResumeQueueDocument,
  SetQueueLimitsDocument,
  ListQueuesDocument,
} from "../client/generated/graphql.ts";
import { parseRate, RATE_FORMS } from "../../task/limits/rate.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { CommandError, EXIT, type ExitCode } from "../failure.ts";
import { refuseAnswer, type ServerIssue } from "../refusal.ts";

/** `lovage queues`: lists the queues of a server. */
export async function queues(context: CommandContext): Promise<ExitCode> {
  await using client = await connect(context);
  const { queues: found } = await client.query(ListQueuesDocument, {});
  return printList(context.output, found, {
    empty: "There are no queues yet.",
    titles: ["NAME", "WAITING", "SCHEDULED", "ACTIVE", "OLDEST WAITS", "LIMITS", "PAUSED"],
    row: (queue) => [
      queue.name,
      String(queue.waiting),
      String(queue.scheduled),
      String(queue.active),
      showIsoDuration(queue.latency),
      limitsOf(queue).join(", "),
      queue.paused ? "paused" : "",
    ],
  });
}

/** `lovage queues pause <name>` */
export async function pause(context: CommandContext, name: string): Promise<ExitCode> {
  await using client = await connect(context);
  return printChange(context, (await client.mutate(PauseQueueDocument, { input: { name } })).pauseQueue);
}

/** `lovage queues resume <name>` */
export async function resume(context: CommandContext, name: string): Promise<ExitCode> {
  await using client = await connect(context);
  return printChange(context, (await client.mutate(ResumeQueueDocument, { input: { name } })).resumeQueue);
}

/** `lovage queues limit <name>` */
export async function limit(context: CommandContext, name: string): Promise<ExitCode> {
  const limits = readLimits(context);
  await using client = await connect(context);
  return printChange(
    context,
    (await client.mutate(SetQueueLimitsDocument, { input: { name, ...limits } })).setQueueLimits,
  );
}

/** `lovage queues purge <name>` */
export async function purge(context: CommandContext, name: string): Promise<ExitCode> {
  await using client = await connect(context);
  if (context.options.yes === true)
    return printChange(
      context,
      (await client.mutate(PurgeQueueDocument, { input: { name, confirm: name } })).purgeQueue,
    );
  const { queue } = await client.query(ReadQueueDocument, { name });
  if (!queue) throw new CommandError(EXIT.notFound, "NOT_FOUND", `there is no queue named ${show(name)}.`);
  context.output.note(
    `${queue.waiting === 1 ? "1 task" : `${queue.waiting} tasks`} would be revoked. Add --yes to revoke.`,
  );
  return EXIT.ok;
}

interface Limits {
  readonly concurrency: number | null;
  readonly rateLimit: string | null;
}

function readLimits(context: CommandContext): Limits {
  const [concurrency, rate] = [context.text("concurrency"), context.text("rate")];
  const given = concurrency !== null || rate !== null;
  const none = context.options.none === true;
  const problems = [
    ...(none === given ? ["expected --concurrency or --rate, or --none alone."] : []),
    ...(/^(?:[1-9]\d{0,8})?$/.test(concurrency ?? "")
      ? []
      : [`--concurrency: expected an integer from 1, got ${show(concurrency)}.`]),
    ...(rate === null || parseRate(rate) ? [] : [`--rate: expected ${RATE_FORMS}, got ${show(rate)}.`]),
  ];
  if (problems.length > 0) throw new CommandError(EXIT.usage, "USAGE", problems.join("\n"));
  return { concurrency: concurrency === null ? null : Number(concurrency), rateLimit: rate };
}

interface Change {
  readonly queue: QueueFieldsFragment | null;
  /** Absent unless the queue was purged. */
  readonly affectedCount?: number | null;
  readonly errors: readonly ServerIssue[];
}

function printChange({ output }: CommandContext, { queue, affectedCount = null, errors }: Change): ExitCode {
  refuseAnswer(errors);
  if (output.json) output.value({ ...queue, affectedCount });
  else if (queue) output.data(`✔ ${queue.name}: ${describe(queue, affectedCount).join(", ")}`);
  return EXIT.ok;
}

function describe(queue: QueueFieldsFragment, revoked: number | null): string[] {
  return [
    queue.paused ? "paused" : "open",
    ...limitsOf(queue),
    `${queue.waiting} waiting`,
    ...(revoked === null ? [] : [`${revoked} revoked`]),
  ];
}

/** The limits in words; empty without limits. */
export function limitsOf(queue: Pick<QueueFieldsFragment, "concurrencyLimit" | "rateLimit">): string[] {
  const { concurrencyLimit, rateLimit } = queue;
  return [concurrencyLimit === null ? [] : `${concurrencyLimit} at once`, rateLimit ?? []].flat();
}
