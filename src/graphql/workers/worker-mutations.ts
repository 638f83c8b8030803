import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { LogLevelName } from "../../lib/log/log.ts";
import type { GraphqlContext } from "../context.ts";
import { payloadOf } from "../payload.ts";
import { commanding, type WorkerCommandPayload, WorkerCommandPayloadType } from "./worker-command.ts";
import {
  AutoscaleWorkersInput,
  PauseWorkersInput,
  PingWorkersInput,
  ResetWorkerSettingsInput,
  ResizeWorkerPoolInput,
  RestartWorkerPoolsInput,
  ResumeWorkersInput,
  SetWorkerLogLevelInput,
  SetWorkerQueuesInput,
  ShutdownWorkersInput,
} from "./worker-inputs.ts";

const INPUT = { description: "The command and its workers." };

/**
 * Commands to workers. Settings are stored by the workers' names, and apply to later incarnations
 * too.
 */
@Resolver()
export class WorkerMutations {
  @Mutation(payloadOf("PingWorkers", WorkerCommandPayloadType), {
    description: "Asks workers to reply, to see which of them are live.",
  })
  pingWorkers(
    @Arg("input", () => PingWorkersInput, INPUT) input: PingWorkersInput,
    @Ctx() { services: { workerControl: control } }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.ping(to));
  }

  @Mutation(payloadOf("ResizeWorkerPool", WorkerCommandPayloadType), {
    description:
      "Sets the number of tasks that workers run at the same time. They grow at once, and shrink as tasks end.",
  })
  resizeWorkerPool(
    @Arg("input", () => ResizeWorkerPoolInput, INPUT) input: ResizeWorkerPoolInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.resize(to, input.concurrency, actor));
  }

  @Mutation(payloadOf("AutoscaleWorkers", WorkerCommandPayloadType), {
    description:
      "Lets workers change their concurrency by themselves: up when all slots are in use and tasks wait, down after a quiet period.",
  })
  autoscaleWorkers(
    @Arg("input", () => AutoscaleWorkersInput, INPUT) input: AutoscaleWorkersInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.autoscale(to, input, actor));
  }

  @Mutation(payloadOf("SetWorkerQueues", WorkerCommandPayloadType), {
    description: "Changes the queues that workers fetch tasks from. Running tasks continue.",
  })
  setWorkerQueues(
    @Arg("input", () => SetWorkerQueuesInput, INPUT) input: SetWorkerQueuesInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    const queues = { add: input.add ?? [], remove: input.remove ?? [] };
    return commanding(input, (to) => control.setQueues(to, queues, actor));
  }

  @Mutation(payloadOf("PauseWorkers", WorkerCommandPayloadType), {
    description: "Pauses workers until `resumeWorkers`: they start no tasks. Running tasks continue.",
  })
  pauseWorkers(
    @Arg("input", () => PauseWorkersInput, INPUT) input: PauseWorkersInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.pause(to, actor));
  }

  @Mutation(payloadOf("ResumeWorkers", WorkerCommandPayloadType), {
    description: "Resumes paused workers.",
  })
  resumeWorkers(
    @Arg("input", () => ResumeWorkersInput, INPUT) input: ResumeWorkersInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.resume(to, actor));
  }

  @Mutation(payloadOf("SetWorkerLogLevel", WorkerCommandPayloadType), {
    description: "Sets the log level of the workers' processes.",
  })
  setWorkerLogLevel(
    @Arg("input", () => SetWorkerLogLevelInput, INPUT) input: SetWorkerLogLevelInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    const level = input.level.toLowerCase() as LogLevelName;
    return commanding(input, (to) => control.setLogLevel(to, level, actor));
  }

  @Mutation(payloadOf("ResetWorkerSettings", WorkerCommandPayloadType), {
    description: "Removes runtime settings of workers. Their configured values apply again.",
  })
  resetWorkerSettings(
    @Arg("input", () => ResetWorkerSettingsInput, INPUT) input: ResetWorkerSettingsInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.reset(to, input.settings ?? undefined, actor));
  }

  @Mutation(payloadOf("RestartWorkerPools", WorkerCommandPayloadType), {
    description: "Replaces the child processes of workers one after another, each when it is idle.",
  })
  restartWorkerPools(
    @Arg("input", () => RestartWorkerPoolsInput, INPUT) input: RestartWorkerPoolsInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.restartPools(to, actor));
  }

  @Mutation(payloadOf("ShutdownWorkers", WorkerCommandPayloadType), {
    description:
      "Ends the processes of workers, as SIGTERM does. If a worker is part of a larger process, only the worker ends.",
  })
  shutdownWorkers(
    @Arg("input", () => ShutdownWorkersInput, INPUT) input: ShutdownWorkersInput,
    @Ctx() { services: { workerControl: control }, actor }: GraphqlContext,
  ): Promise<WorkerCommandPayload> {
    return commanding(input, (to) => control.shutdown(to, input, actor));
  }
}
