import { Arg, Ctx, Field, InputType, Int, Mutation, Resolver } from "type-graphql";
import { refuseIssues, type Issue } from "../../errors.ts";
import { show } from "../../lib/quote.ts";
import type { QueueLimits, QueueRecord } from "../../store/queues/queue-store.ts";
import { QUEUE_NAME, QUEUE_NAME_RULE } from "../../task/definition/names.ts";
import { formatRate, parseRate, RATE_FORMS } from "../../task/limits/rate.ts";
import type { GraphqlContext, ApiServices } from "../context.ts";
import { answering, refusal, type UserErrorRecord } from "../errors.ts";
import { payloadOf } from "../payload.ts";
import { findQueue } from "./queue-resolver.ts";
import { PurgeQueuePayloadType, QueuePayloadType } from "./queue-type.ts";

/** The value from which payloads of queue mutations are resolved. */
interface QueuePayload {
  readonly queue: QueueRecord | null;
  /** Number of tasks that a purge revoked. */
  readonly affectedCount: number;
  readonly errors: readonly UserErrorRecord[];
}

const NEW_NAME = "The queue's name. The queue need not exist yet.";
const NAME = "The queue's name.";

@InputType("PauseQueueInput", { description: "The queue to pause." })
class PauseQueueInput {
  @Field(() => String, { description: NEW_NAME })
  readonly name!: string;
}

@InputType("ResumeQueueInput", { description: "The queue to resume." })
class ResumeQueueInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;
}

@InputType("SetQueueLimitsInput", { description: "The limits of a queue. Both replace what there was." })
class SetQueueLimitsInput {
  @Field(() => String, { description: NEW_NAME })
  readonly name!: string;
  @Field(() => Int, {
    nullable: true,
    description: "Maximum number of running tasks, at least 1. Unlimited if null or omitted.",
  })
  readonly concurrency?: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Maximum rate at which tasks start: `100/s`, `10/m`, `5/h`, `1000/d`. Unlimited if null or omitted.",
  })
  readonly rateLimit?: string | null;
}

@InputType("PurgeQueueInput", { description: "The queue to purge." })
class PurgeQueueInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;
  @Field(() => String, { description: "The queue's name, repeated." })
  readonly confirm!: string;
}

@Resolver()
export class QueueMutations {
  @Mutation(payloadOf("PauseQueue", QueuePayloadType), {
    description:
      "Pauses a queue until `resumeQueue`: workers start none of its tasks. Enqueueing and running tasks continue.",
  })
  pauseQueue(
    @Arg("input", () => PauseQueueInput, { description: "The queue." }) { name }: PauseQueueInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => services.queueControl.pause(name));
  }

  @Mutation(payloadOf("ResumeQueue", QueuePayloadType), { description: "Resumes a paused queue." })
  resumeQueue(
    @Arg("input", () => ResumeQueueInput, { description: "The queue." }) { name }: ResumeQueueInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => services.queueControl.resume(name));
  }

  @Mutation(payloadOf("SetQueueLimits", QueuePayloadType), {
    description:
      "Limits a queue's tasks over all workers. Running tasks continue. Both limits are replaced: an omitted limit is removed.",
  })
  setQueueLimits(
    @Arg("input", () => SetQueueLimitsInput, { description: "The queue and its limits." })
    { name, concurrency = null, rateLimit = null }: SetQueueLimitsInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () =>
      services.queueControl.setLimits(name, readLimits(concurrency, rateLimit)),
    );
  }

  @Mutation(() => PurgeQueuePayloadType, {
    description: "Revokes all QUEUED tasks of a queue. `confirm` must repeat the queue's name.",
  })
  purgeQueue(
    @Arg("input", () => PurgeQueueInput, { description: "The queue." }) { name, confirm }: PurgeQueueInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => {
      if (confirm === name) return services.queueControl.purge(name);
      throw refusal(
        ["confirm"],
        `expected the queue's name ${show(name)}, got ${show(confirm)}.`,
        "Nothing was purged.",
      );
    });
  }
}

/**
 * Reads both limits.
 *
 * @throws RefusedError with every error
 */
function readLimits(concurrencyLimit: number | null, rateLimit: string | null): QueueLimits {
  const issues: Issue[] = [];
  if (concurrencyLimit !== null && concurrencyLimit < 1) {
    const message = `expected at least 1, got ${concurrencyLimit}.`;
    const hint = "Pause the queue to run no tasks, or omit the limit to remove it.";
    issues.push({ code: "INVALID_INPUT", path: ["concurrency"], message, hint });
  }
  const rate = rateLimit === null ? null : parseRate(rateLimit);
  if (rateLimit !== null && rate === null) {
    const message = `expected ${RATE_FORMS}, got ${show(rateLimit)}.`;
    issues.push({ code: "INVALID_INPUT", path: ["rateLimit"], message });
  }
  refuseIssues(issues);
  return { concurrencyLimit, rateLimit: rate && formatRate(rate) };
}

function change(
  services: ApiServices,
  name: string,
  act: () => Promise<number | void>,
): Promise<QueuePayload> {
  return answering<QueuePayload>(
    async () => {
      if (!QUEUE_NAME.test(name)) throw refusal(["name"], `expected ${QUEUE_NAME_RULE}, got ${show(name)}.`);
      const affectedCount = (await act()) ?? 0;
      return { queue: await findQueue(services, name, [name]), affectedCount, errors: [] };
    },
    (errors) => ({ queue: null, affectedCount: 0, errors }),
    (path) => ["input", ...path],
  );
}
