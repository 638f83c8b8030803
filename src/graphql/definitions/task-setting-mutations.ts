import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { GraphqlContext } from "../context.ts";
import { DurationScalar } from "../scalars.ts";
import { WorkerCommandPayloadType } from "../control/control-types.ts";
import { commanding, type WorkerCommandPayload } from "../workers/worker-command.ts";

const NAME = { description: "Name of the task definition." };

/** What task definitions are told while everything runs, over what their code says. Answers come from the workers that know the definition. */
@Resolver()
export class TaskSettingMutations {
  @Mutation(() => WorkerCommandPayloadType, {
    description: "Limits how many tasks of a definition may start in a time.",
  })
  setTaskRateLimit(
    @Arg("name", () => String, NAME) name: string,
    @Arg("rateLimit", () => String, {
      nullable: true,
      description: 'Such as `"10/s"`, `"100/m"` or `"1000/h"`; null: as the definition says.',
    })
    rateLimit: string | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.taskSettingControl.setRateLimit(name, rateLimit ?? null, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Limits how long attempts may run that begin from now on. Tasks whose call said a limit keep that.",
  })
  setTaskTimeLimit(
    @Arg("name", () => String, NAME) name: string,
    @Arg("soft", () => DurationScalar, {
      nullable: true,
      description: "When an attempt is warned; null: as the definition says; left out: as it is.",
    })
    soft: number | null | undefined,
    @Arg("hard", () => DurationScalar, {
      nullable: true,
      description: "When it is ended; null: as the definition says; left out: as it is.",
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
      "Lets the tasks of a definition wait; what runs goes on. Lasts until `resumeTask`. Where very many wait, pause their queue instead.",
  })
  pauseTask(
    @Arg("name", () => String, NAME) name: string,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.taskSettingControl.setPaused(name, true, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Lets the tasks of a definition run again; those that waited begin within 5 seconds.",
  })
  resumeTask(
    @Arg("name", () => String, NAME) name: string,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.taskSettingControl.setPaused(name, false, actor));
  }
}
