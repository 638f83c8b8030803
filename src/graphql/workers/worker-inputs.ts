import { Field, InputType, Int } from "type-graphql";
import type { TaskLogLevel } from "../../task/records/log-line.ts";
import { WORKER_SETTING_KEYS, type WorkerSettingKey } from "../../task/records/worker-settings.ts";
import { enumOf } from "../enum-of.ts";
import { LogLevelEnum } from "../logs/log-type.ts";
import { WorkerCommandInput } from "./worker-command.ts";

const WorkerSettingKeyEnum = enumOf(WORKER_SETTING_KEYS, {
  name: "WorkerSetting",
  description: "A setting of a worker that operators can change at run time.",
  values: {
    CONCURRENCY: "The number of tasks at the same time: `resizeWorkerPool`.",
    AUTOSCALE: "The bounds of automatic scaling: `autoscaleWorkers`.",
    QUEUES:
      "The queues that the worker additionally fetches from, or no longer fetches from: `setWorkerQueues`.",
    PAUSED: "Whether the worker fetches no tasks: `pauseWorkers`.",
    LOG_LEVEL: "The log level of the worker's process: `setWorkerLogLevel`.",
  },
});

@InputType("PingWorkersInput", { description: "A command that Asks workers to reply." })
export class PingWorkersInput extends WorkerCommandInput {}

@InputType("ResizeWorkerPoolInput", { description: "The number of tasks that workers run at the same time." })
export class ResizeWorkerPoolInput extends WorkerCommandInput {
  @Field(() => Int, { description: "Number of tasks at the same time, 1 to 1024." })
  readonly concurrency!: number;
}

@InputType("AutoscaleWorkersInput", { description: "The bounds of automatic scaling." })
export class AutoscaleWorkersInput extends WorkerCommandInput {
  @Field(() => Int, { description: "Minimum number of tasks at the same time, 1 to 1024." })
  readonly min!: number;
  @Field(() => Int, { description: "Maximum number of tasks at the same time, 1 to 1024." })
  readonly max!: number;
}

@InputType("SetWorkerQueuesInput", { description: "Changes to the queues that workers fetch tasks from." })
export class SetWorkerQueuesInput extends WorkerCommandInput {
  @Field(() => [String], { nullable: true, description: "Queues to fetch from additionally." })
  readonly add?: readonly string[] | null;
  @Field(() => [String], { nullable: true, description: "Queues to stop fetching from." })
  readonly remove?: readonly string[] | null;
}

@InputType("PauseWorkersInput", { description: "The workers to pause." })
export class PauseWorkersInput extends WorkerCommandInput {}

@InputType("ResumeWorkersInput", { description: "The workers to resume." })
export class ResumeWorkersInput extends WorkerCommandInput {}

@InputType("SetWorkerLogLevelInput", { description: "The log level of the workers' processes." })
export class SetWorkerLogLevelInput extends WorkerCommandInput {
  @Field(() => LogLevelEnum, { description: "The lowest level that is logged." })
  readonly level!: TaskLogLevel;
}

@InputType("ResetWorkerSettingsInput", { description: "The runtime settings to remove." })
export class ResetWorkerSettingsInput extends WorkerCommandInput {
  @Field(() => [WorkerSettingKeyEnum], {
    nullable: true,
    description: "The settings to remove. Defaults to all.",
  })
  readonly settings?: readonly WorkerSettingKey[] | null;
}

@InputType("RestartWorkerPoolsInput", { description: "The workers whose child processes are replaced." })
export class RestartWorkerPoolsInput extends WorkerCommandInput {}

@InputType("ShutdownWorkersInput", { description: "The workers to end." })
export class ShutdownWorkersInput extends WorkerCommandInput {
  @Field(() => Boolean, {
    defaultValue: true,
    description:
      "Whether running tasks may finish within the grace time. Otherwise they are requeued at once.",
  })
  readonly drain!: boolean;
}
