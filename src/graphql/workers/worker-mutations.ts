import { Arg, Ctx, Int, Mutation, Resolver } from "type-graphql";
import { LogLevelEnum } from "../logs/log-type.ts";
import {
  commanding,
  toSelection,
  WorkerCommandInput,
  type WorkerCommandPayload,
  WorkerCommandPayloadType,
  WorkerSettingKeyEnum,
} from "./worker-command.ts";
import type { LogLevelName } from "../../lib/log/log.ts";
import type { TaskLogLevel } from "../../task/records/log-line.ts";
import type { WorkerSettingKey } from "../../task/records/worker-settings.ts";
import type { GraphqlContext } from "../context.ts";

const WHICH = { description: "The workers to address." };

/**
 * Commands to workers. Settings are stored by the workers' names, and apply to later incarnations
 * too.
 */
@Resolver()
export class WorkerMutations {
  @Mutation(() => WorkerCommandPayloadType, { description: "Asks workers for a sign of life." })
  pingWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.ping(toSelection(input)));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Sets the number of tasks that workers run at the same time. They grow at once, and shrink as tasks end.",
  })
  resizeWorkerPool(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("concurrency", () => Int, { description: "Number of tasks at the same time, 1 to 1024." })
    concurrency: number,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.resize(toSelection(input), concurrency, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Lets workers change their concurrency by themselves: up when all slots are in use and tasks wait, down after a quiet period.",
  })
  autoscaleWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("min", () => Int, { description: "Minimum number of tasks at the same time, 1 to 1024." })
    min: number,
    @Arg("max", () => Int, { description: "Maximum number of tasks at the same time, 1 to 1024." })
    max: number,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.autoscale(toSelection(input), { min, max }, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Changes the queues that workers fetch tasks from. Running tasks continue.",
  })
  setWorkerQueues(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("add", () => [String], { nullable: true, description: "Queues to fetch from additionally." })
    add: readonly string[] | null | undefined,
    @Arg("remove", () => [String], { nullable: true, description: "Queues to stop fetching from." })
    remove: readonly string[] | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    const queues = { add: add ?? [], remove: remove ?? [] };
    return commanding(() => services.workerControl.setQueues(toSelection(input), queues, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Pauses workers until `resumeWorkers`: they start no tasks. Running tasks continue.",
  })
  pauseWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.pause(toSelection(input), actor));
  }

  @Mutation(() => WorkerCommandPayloadType, { description: "Resumes paused workers." })
  resumeWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.resume(toSelection(input), actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Sets the log level of the workers' processes.",
  })
  setWorkerLogLevel(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("level", () => LogLevelEnum, { description: "The lowest level that is logged." })
    level: TaskLogLevel,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    const name = level.toLowerCase() as LogLevelName;
    return commanding(() => services.workerControl.setLogLevel(toSelection(input), name, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Removes runtime settings of workers. Their configured values apply again.",
  })
  resetWorkerSettings(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("settings", () => [WorkerSettingKeyEnum], {
      nullable: true,
      description: "The settings to remove. Defaults to all.",
    })
    settings: readonly WorkerSettingKey[] | null | undefined,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.reset(toSelection(input), settings ?? undefined, actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description: "Replaces the child processes of workers one after another, each when it is idle.",
  })
  restartWorkerPools(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.restartPools(toSelection(input), actor));
  }

  @Mutation(() => WorkerCommandPayloadType, {
    description:
      "Ends the processes of workers, as SIGTERM does. If a worker is part of a larger process, only the worker ends.",
  })
  shutdownWorkers(
    @Arg("input", () => WorkerCommandInput, WHICH) input: WorkerCommandInput,
    @Arg("drain", () => Boolean, {
      defaultValue: true,
      description:
        "Whether running tasks may finish within the grace time. Otherwise they are requeued at once.",
    })
    drain: boolean,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(() => services.workerControl.shutdown(toSelection(input), { drain }, actor));
  }
}
