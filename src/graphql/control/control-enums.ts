import { CONTROL_ACTIONS } from "../../task/records/control.ts";
import { TASK_SETTING_KEYS } from "../../task/records/task-settings.ts";
import { WORKER_SETTING_KEYS } from "../../task/records/worker-settings.ts";
import { enumOf } from "../enums.ts";

export const WorkerSettingKeyEnum = enumOf(WORKER_SETTING_KEYS, {
  name: "WorkerSetting",
  description: "What of a worker can be told while it runs, and taken back.",
  values: {
    CONCURRENCY: "How many tasks it runs at once: `resizeWorkerPool`.",
    AUTOSCALE: "Between which bounds that moves by itself: `autoscaleWorkers`.",
    QUEUES: "Queues that it takes from besides, or no more: `setWorkerQueues`.",
    PAUSED: "That it takes no tasks: `pauseWorkers`.",
    LOG_LEVEL: "Which records it logs: `setWorkerLogLevel`.",
  },
});

export const TaskSettingKeyEnum = enumOf(TASK_SETTING_KEYS, {
  name: "TaskSetting",
  description: "What of a task definition can be told otherwise while everything runs.",
  values: {
    RATE_LIMIT: "How many of its tasks may start in a time: `setTaskRateLimit`.",
    TIME_LIMIT: "The longest run of one attempt: `setTaskTimeLimit`.",
    SOFT_TIME_LIMIT: "After how long an attempt is warned: `setTaskTimeLimit`.",
    PAUSED: "That its tasks wait: `pauseTask`.",
  },
});

export const ControlActionEnum = enumOf(CONTROL_ACTIONS, {
  name: "ControlAction",
  description: "A command to workers or to a task definition.",
  values: {
    RESIZE_WORKER_POOL: "`resizeWorkerPool`.",
    AUTOSCALE_WORKERS: "`autoscaleWorkers`.",
    SET_WORKER_QUEUES: "`setWorkerQueues`.",
    PAUSE_WORKERS: "`pauseWorkers`.",
    RESUME_WORKERS: "`resumeWorkers`.",
    SET_WORKER_LOG_LEVEL: "`setWorkerLogLevel`.",
    RESET_WORKER_SETTINGS: "`resetWorkerSettings`.",
    RESTART_WORKER_POOLS: "`restartWorkerPools`.",
    SHUTDOWN_WORKERS: "`shutdownWorkers`.",
    SET_TASK_RATE_LIMIT: "`setTaskRateLimit`.",
    SET_TASK_TIME_LIMIT: "`setTaskTimeLimit`.",
    PAUSE_TASK: "`pauseTask`.",
    RESUME_TASK: "`resumeTask`.",
  },
});
