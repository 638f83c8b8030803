import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import type { TaskExplanation, DryRun } from "../../engine/enqueue/explainer.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { toUserErrors, type UserErrorRecord } from "../errors.ts";
import type { QueueRecord } from "../../store/queues/queue-store.ts";
import { EnqueueTaskInput, toRequest } from "./enqueue-input.ts";
import { QueueType } from "../queues/queue-type.ts";
import { ExplanationType } from "./explanation-type.ts";

/**
 * The value from which a TaskExplanation is resolved. Fields that a refused task does not have are
 * null.
 */
type ExplanationView = Partial<DryRun> & {
  readonly accepted: boolean;
  readonly errors: readonly UserErrorRecord[];
  readonly timeLimit: number | null;
  readonly softTimeLimit: number | null;
};

@Resolver(() => ExplanationType)
export class ExplainResolver {
  @Query(() => ExplanationType, {
    description:
      "Reports what `enqueueTask` would do with this input, without enqueueing: every error, the chosen queue and its source, and the workers that could run the task.",
  })
  async explainTask(
    @Arg("input", () => EnqueueTaskInput, { description: "The task to check." })
    input: EnqueueTaskInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<ExplanationView> {
    return viewOf(await services.explainer.explain(toRequest(input)));
  }

  @FieldResolver(() => QueueType, {
    nullable: true,
    description: "The queue in which the task would wait. Null if it would be refused.",
  })
  queue(@Root() { queue }: ExplanationView, @Ctx() { loaders }: GraphqlContext): Promise<QueueRecord> | null {
    return queue === undefined ? null : loaders.queue.load(queue);
  }

  @FieldResolver()
  duplicateOf(
    @Root() { duplicate }: ExplanationView,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TaskOutline | null> | null {
    return duplicate ? loaders.task.load(duplicate.taskId) : null;
  }

  @FieldResolver()
  duplicateKey(@Root() { duplicate }: ExplanationView): ExplanationType["duplicateKey"] {
    return duplicate?.key ?? null;
  }
}

function viewOf({ errors, dryRun }: TaskExplanation): ExplanationView {
  return {
    ...(dryRun ?? { queuePaused: false, waitingBefore: 0, workers: [] }),
    accepted: dryRun !== null,
    errors: toUserErrors({ issues: errors }, (path) => ["input", ...path]),
    timeLimit: dryRun?.timeLimitMs ?? null,
    softTimeLimit: dryRun?.softTimeLimitMs ?? null,
  };
}
