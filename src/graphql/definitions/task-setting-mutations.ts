import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { GraphqlContext } from "../context.ts";
import { DurationScalar } from "../scalars.ts";
import {
  commanding,
  type WorkerCommandPayload,
  WorkerCommandPayloadType,
} from "../workers/worker-command.ts";

const NAME = { description: "Name of the task definition." };

/**
 * Mutations of runtime overrides of task definitions. Replies come from the workers that know the
 * definition.
 */
@Resolver()
export class TaskSettingMutations {
  @Mutation(() => WorkerCommandPayloadType, {
    description: "Limits the rate at which tasks of a definition start.",
  })
  setTaskRateLimit(
    @Arg("name", () => String, NAME) name: string,
    @Arg("rateLimit", () => String, {
      nullable: true,
      description:
        'The rate, such as `"10/s"`, `"100/m"` or `"1000/h"`. Null restores the definition\'s own limit.',
    })
    rateLimit: string | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.taskSettingControl.setRateLimit(name, rateLimit ?? null, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Limits the duration of attempts that start from now on. Tasks enqueued with their own limit keep it.",
  })
  setTaskTimeLimit(
    @Arg("name", () => String, NAME) name: string,
    @Arg("soft", () => DurationScalar, {
      nullable: true,
      description:
        "Duration after which an attempt is asked to stop. Null restores the definition's own limit. If omitted, the limit does not change.",
    })
    soft: number | null | undefined,
    @Arg("hard", () => DurationScalar, {
      nullable: true,
      description:
        "Duration after which an attempt is ended. Null restores the definition's own limit. If omitted, the limit does not change.",
    })
    hard: number | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    const limits = {
      ...(soft === undefined ? {} : { soft }),
      ...(hard === undefined ? {} : { hard }),
    };
    return commanding(() => services.taskSettingControl.setTimeLimit(name, limits, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Pauses a task definition until `resumeTask`: its tasks wait, and running ones continue. If very many tasks wait, pause their queue instead.",
  })
  pauseTask(
    @Arg("name", () => String, NAME) name: string,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.taskSettingControl.setPaused(name, true, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Resumes a paused task definition. Waiting tasks start within 5 seconds.",
  })
  resumeTask(
    @Arg("name", () => String, NAME) name: string,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.taskSettingControl.setPaused(name, false, actor));
  }
}
