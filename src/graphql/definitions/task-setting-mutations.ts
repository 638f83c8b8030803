import { Arg, Ctx, Field, InputType, InterfaceType, Mutation, Resolver } from "type-graphql";
import type { TaskOverrideControl } from "../../engine/control/task-override-control.ts";
import type { WorkerAnswers } from "../../engine/control/worker-commands.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { GraphqlContext } from "../context.ts";
import { answering } from "../errors.ts";
import { MutationPayloadType, payloadOf } from "../payload.ts";
import { DurationScalar } from "../scalars.ts";
import { type WorkerCommandPayload, WorkerCommandPayloadType } from "../workers/worker-command.ts";
import { DefinitionType } from "./definition-type.ts";

const NAME = "Name of the task definition.";

@InputType("SetTaskRateLimitInput", { description: "The rate limit of a task definition." })
class SetTaskRateLimitInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'The rate, such as `"10/s"`, `"100/m"` or `"1000/h"`. Null restores the definition\'s own limit.',
  })
  readonly rateLimit?: string | null;
}

@InputType("SetTaskTimeLimitInput", { description: "The time limits of a task definition." })
class SetTaskTimeLimitInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Duration after which an attempt is asked to stop. Null restores the definition's own limit. If omitted, the limit does not change.",
  })
  readonly soft?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Duration after which an attempt is ended. Null restores the definition's own limit. If omitted, the limit does not change.",
  })
  readonly hard?: number | null;
}

@InputType("PauseTaskInput", { description: "The task definition to pause." })
class PauseTaskInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;
}

@InputType("ResumeTaskInput", { description: "The task definition to resume." })
class ResumeTaskInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;
}

@InterfaceType("TaskSettingPayload", {
  implements: [MutationPayloadType, WorkerCommandPayloadType],
  description:
    "The result of an override of a task definition. The replies are those of live workers that know the definition.",
})
abstract class TaskSettingPayloadType extends WorkerCommandPayloadType {
  @Field(() => DefinitionType, {
    nullable: true,
    description: "The definition after the change. Null if the request was refused.",
  })
  readonly definition!: DefinitionType | null;
}

const SETTING = [WorkerCommandPayloadType, TaskSettingPayloadType];

/** The value from which a TaskSettingPayload is resolved. */
interface TaskSettingPayload extends WorkerCommandPayload {
  readonly definition: AnyTaskDefinition | null;
}

/**
 * Mutations of runtime overrides of task definitions. Replies come from the workers that know the
 * definition.
 */
@Resolver()
export class TaskSettingMutations {
  @Mutation(payloadOf("SetTaskRateLimit", ...SETTING), {
    description: "Limits the rate at which tasks of a definition start.",
  })
  setTaskRateLimit(
    @Arg("input", () => SetTaskRateLimitInput, { description: "The definition and its limit." })
    { name, rateLimit = null }: SetTaskRateLimitInput,
    @Ctx() context: GraphqlContext,
  ): Promise<TaskSettingPayload> {
    return setting(context, name, (control) => control.setRateLimit(name, rateLimit, context.actor));
  }

  @Mutation(payloadOf("SetTaskTimeLimit", ...SETTING), {
    description:
      "Limits the duration of attempts that start from now on. Tasks enqueued with their own limit keep it.",
  })
  setTaskTimeLimit(
    @Arg("input", () => SetTaskTimeLimitInput, { description: "The definition and its limits." })
    { name, soft, hard }: SetTaskTimeLimitInput,
    @Ctx() context: GraphqlContext,
  ): Promise<TaskSettingPayload> {
    const limits = {
      ...(soft === undefined ? {} : { soft }),
      ...(hard === undefined ? {} : { hard }),
    };
    return setting(context, name, (control) => control.setTimeLimit(name, limits, context.actor));
  }

  @Mutation(payloadOf("PauseTask", ...SETTING), {
    description:
      "Pauses a task definition until `resumeTask`: its tasks wait, and running ones continue. If very many tasks wait, pause their queue instead.",
  })
  pauseTask(
    @Arg("input", () => PauseTaskInput, { description: "The definition." }) { name }: PauseTaskInput,
    @Ctx() context: GraphqlContext,
  ): Promise<TaskSettingPayload> {
    return setting(context, name, (control) => control.setPaused(name, true, context.actor));
  }

  @Mutation(payloadOf("ResumeTask", ...SETTING), {
    description: "Resumes a paused task definition. Waiting tasks start within 5 seconds.",
  })
  resumeTask(
    @Arg("input", () => ResumeTaskInput, { description: "The definition." }) { name }: ResumeTaskInput,
    @Ctx() context: GraphqlContext,
  ): Promise<TaskSettingPayload> {
    return setting(context, name, (control) => control.setPaused(name, false, context.actor));
  }
}

/** Changes a definition. A refusal becomes the payload's `errors`. */
function setting(
  { services: { registry, taskOverrideControl } }: GraphqlContext,
  name: string,
  change: (control: TaskOverrideControl) => Promise<WorkerAnswers>,
): Promise<TaskSettingPayload> {
  return answering<TaskSettingPayload>(
    async () => ({
      ...(await change(taskOverrideControl)),
      definition: registry.get(name) ?? null,
      errors: [],
    }),
    (errors) => ({ replies: [], silent: [], definition: null, errors }),
    (path) => ["input", ...path],
  );
}
