import { Arg, Ctx, Int, Mutation, Resolver } from "type-graphql";
import type { LogLevelName } from "../../lib/log.ts";
import type { TaskLogLevel } from "../../task/records/log-line.ts";
import type { WorkerSettingKey } from "../../task/records/worker-settings.ts";
import type { GraphqlContext } from "../context.ts";
import { toSelection, WorkerCommandInput } from "./worker-command-input.ts";
import { WorkerSettingKeyEnum } from "../control/control-enums.ts";
import { WorkerCommandPayloadType } from "../control/control-types.ts";
import { LogLevelEnum } from "../enums.ts";
import { commanding, type WorkerCommandPayload } from "./worker-command.ts";

const WHICH = { description: "Which workers." };

/** Commands to workers. What they are told lives on under their names. */
@Resolver()
export class WorkerMutations {
  @Mutation(() => WorkerCommandPayloadType, { description: "Asks workers whether they are there." })
  pingWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.ping(toSelection(input)));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Fixes how many tasks workers run at once. They grow at once, and shrink as tasks end.",
  })
  resizeWorkerPool(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("concurrency", () => Int, { description: "Tasks at once, 1..1024." }) concurrency: number,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.resize(toSelection(input), concurrency, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Lets the size of workers move by itself: up when all is taken and work waits, down after a while of calm.",
  })
  autoscaleWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("min", () => Int, { description: "At least so many tasks at once, 1..1024." }) min: number,
    @Arg("max", () => Int, { description: "At most so many, 1..1024." }) max: number,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.autoscale(toSelection(input), { min, max }, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Lets workers take tasks from further queues, and from some no more. What runs goes on.",
  })
  setWorkerQueues(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("add", () => [String], { nullable: true, description: "Queues to take from, too." })
    add: readonly string[] | null | undefined,
    @Arg("remove", () => [String], { nullable: true, description: "Queues to take from no more." })
    remove: readonly string[] | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    const queues = { add: add ?? [], remove: remove ?? [] };
    return commanding(() => services.workerControl.setQueues(toSelection(input), queues, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Lets workers take no more tasks; what they run goes on. Lasts until `resumeWorkers`.",
  })
  pauseWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.pause(toSelection(input), actor));
  }

  @Mutation(() => WorkerCommandPayloadType, { description: "Lets paused workers take tasks again." })
  resumeWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.resume(toSelection(input), actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Changes which records the processes of workers log.",
  })
  setWorkerLogLevel(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("level", () => LogLevelEnum, { description: "Records below it are dropped." }) level: TaskLogLevel,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    const name = level.toLowerCase() as LogLevelName;
    return commanding(() => services.workerControl.setLogLevel(toSelection(input), name, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Takes back what workers were told: they are as they were configured again.",
  })
  resetWorkerSettings(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("settings", () => [WorkerSettingKeyEnum], {
      nullable: true,
      description: "What of it; all without.",
    })
    settings: readonly WorkerSettingKey[] | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.reset(toSelection(input), settings ?? undefined, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Replaces the child processes of workers, one after another, each when it runs nothing.",
  })
  restartWorkerPools(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.restartPools(toSelection(input), actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Ends the processes of workers as SIGTERM does. Where a worker is part of a larger process, only the worker ends.",
  })
  shutdownWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("drain", () => Boolean, {
      defaultValue: true,
      description: "Let what runs finish, within the grace time; else it is given back at once.",
    })
    drain: boolean,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.shutdown(toSelection(input), { drain }, actor));
  }
}
