import { createUnionType, Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root } from "type-graphql";
import type { Revocation, TaskError, TaskOutline } from "../../task/records/task.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { GraphqlContext } from "../context.ts";
import { DateTimeScalar } from "../scalars.ts";
import { TaskErrorType, TaskStateEnum, TaskType } from "./task-type.ts";
import { errorOf, loadOutline, type TaskSource } from "./task-view.ts";

const ATTEMPT = "Number of the last attempt, from 1. 0 if the task did not start.";
const FINISHED_AT = "Time at which the task reached its final state.";

@ObjectType("Succeeded", { simpleResolvers: true, description: "The task succeeded." })
class SucceededType {
  @Field(() => Int, { description: ATTEMPT })
  readonly attempt!: number;
  @Field(() => DateTimeScalar, { nullable: true, description: FINISHED_AT })
  readonly finishedAt!: Date | null;
}

@ObjectType("Failed", {
  simpleResolvers: true,
  description: "The task failed for good, by an error other than a time limit.",
})
class FailedType {
  @Field(() => TaskErrorType, { description: "The error of the last attempt." })
  readonly error!: TaskErrorType;
  @Field(() => Int, { description: ATTEMPT })
  readonly attempt!: number;
  @Field(() => DateTimeScalar, { nullable: true, description: FINISHED_AT })
  readonly finishedAt!: Date | null;
}

@ObjectType("TimedOut", {
  simpleResolvers: true,
  description: "The last attempt of the task reached its time limit, and the task failed for good.",
})
class TimedOutType {
  @Field(() => TaskErrorType, { description: "The error, which names the limit." })
  readonly error!: TaskErrorType;
  @Field(() => Int, { description: ATTEMPT })
  readonly attempt!: number;
  @Field(() => DateTimeScalar, { nullable: true, description: FINISHED_AT })
  readonly finishedAt!: Date | null;
}

@ObjectType("Cancelled", { simpleResolvers: true, description: "The task was cancelled." })
class CancelledType {
  @Field(() => String, { nullable: true, description: "The caller who cancelled the task. Null if unknown." })
  readonly by!: string | null;
  @Field(() => String, { nullable: true, description: "The reason, as the caller gave it." })
  readonly reason!: string | null;
  @Field(() => Int, { description: ATTEMPT })
  readonly attempt!: number;
  @Field(() => DateTimeScalar, { nullable: true, description: FINISHED_AT })
  readonly finishedAt!: Date | null;
}

@ObjectType("Expired", { simpleResolvers: true, description: "The task was not started before it expired." })
class ExpiredType {
  @Field(() => DateTimeScalar, { nullable: true, description: "Time until which the task could start." })
  readonly expiresAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: FINISHED_AT })
  readonly finishedAt!: Date | null;
}

@ObjectType("Unfinished", { simpleResolvers: true, description: "The task has not ended." })
class UnfinishedType {
  @Field(() => TaskStateEnum, { description: "The task's state." })
  readonly state!: TaskState;
  @Field(() => Int, { description: ATTEMPT })
  readonly attempt!: number;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which a SCHEDULED or RETRY task is due.",
  })
  readonly runAt!: Date | null;
}

type Ended<Kind extends string> = Pick<TaskSource, "attempt" | "finishedAt"> & {
  readonly kind: Kind;
  readonly task: TaskSource;
};
export type SucceededOutcome = Ended<"Succeeded">;
export type FailedOutcome = Ended<"Failed" | "TimedOut"> & { readonly error: TaskError };

/** How a task ended, as far as it has: the value of the union. */
type TaskOutcome =
  | SucceededOutcome
  | FailedOutcome
  | (Ended<"Cancelled"> & Revocation)
  | (Ended<"Expired"> & { readonly expiresAt: Date | null })
  | (Ended<"Unfinished"> & Pick<TaskSource, "state" | "runAt">);

const TaskOutcomeUnion = createUnionType({
  name: "TaskOutcome",
  description: "How a task ended, with what is known about it.",
  types: () => [SucceededType, FailedType, TimedOutType, CancelledType, ExpiredType, UnfinishedType] as const,
  resolveType: (outcome: object) => (outcome as TaskOutcome).kind,
});

@Resolver(() => TaskType)
export class TaskOutcomeResolver {
  @FieldResolver(() => TaskOutcomeUnion, {
    description: "How the task ended, as one type for each case. Unfinished before the end.",
  })
  outcome(@Root() task: TaskSource, @Ctx() context: GraphqlContext): Promise<TaskOutcome> {
    return outcomeOf(task, context);
  }
}

async function outcomeOf(task: TaskSource, context: GraphqlContext): Promise<TaskOutcome> {
  const { attempt, finishedAt, state, runAt } = task;
  const common = { task, attempt, finishedAt };
  switch (state) {
    case "SUCCESS":
      return { kind: "Succeeded", ...common };
    case "FAILURE":
      return { ...common, ...failureOf((await errorOf(task, context)) ?? UNREADABLE) };
    case "REVOKED":
      return { kind: "Cancelled", ...common, ...revocationOf(await loadOutline(task, context)) };
    case "EXPIRED":
      return { kind: "Expired", ...common, expiresAt: expiryOf(await loadOutline(task, context)) };
    default:
      return { kind: "Unfinished", ...common, state, runAt };
  }
}

function failureOf(error: TaskError): Pick<FailedOutcome, "kind" | "error"> {
  return { kind: TIME_LIMITS.has(error.type) ? "TimedOut" : "Failed", error };
}

function revocationOf(task: TaskOutline | null): Revocation {
  return { by: task?.revocation?.by ?? null, reason: task?.revocation?.reason ?? null };
}

function expiryOf(task: TaskOutline | null): Date | null {
  return task?.expiresAt ?? null;
}

const TIME_LIMITS: ReadonlySet<string> = new Set(["TimeLimitExceeded", "SoftTimeLimitExceeded"]);

/** Of a row that was edited by hand, or deleted meanwhile. */
const UNREADABLE: TaskError = {
  type: "Error",
  message: "The error of the task cannot be read.",
  stack: null,
  retryable: false,
  fingerprint: "",
};
