import { Field, InputType, ObjectType } from "type-graphql";
import type { WorkerAnswers } from "../../engine/control/worker-commands.ts";
import type { WorkerSelection } from "../../engine/control/worker-control.ts";
import { SECOND } from "../../lib/clock.ts";
import type { Json } from "../../lib/json/json.ts";
import { WORKER_SETTING_KEYS } from "../../task/records/worker-settings.ts";
import { enumOf } from "../enum-of.ts";
import { answering, type UserErrorRecord } from "../errors.ts";
import { DurationScalar, JsonScalar } from "../scalars.ts";
import { UserErrorType } from "../user-error.ts";

export const WorkerSettingKeyEnum = enumOf(WORKER_SETTING_KEYS, {
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

@InputType("WorkerCommandInput", { description: "The workers that a command addresses." })
export class WorkerCommandInput {
  @Field(() => [String], {
    nullable: true,
    description:
      "Names of live workers. A name addresses every worker that has it. Defaults to all live workers.",
  })
  readonly workers?: readonly string[] | null;
  @Field(() => DurationScalar, {
    defaultValue: 2 * SECOND,
    description: "Time to wait for replies, up to PT20S.",
  })
  readonly timeout!: number;
}

@ObjectType("WorkerReply", { simpleResolvers: true, description: "One worker's reply to a command." })
class WorkerReplyType {
  @Field(() => String, { description: "The worker's name. Several workers may share a name." })
  readonly worker!: string;
  @Field(() => Boolean, { description: "Whether the worker carried out the command." })
  readonly ok!: boolean;
  @Field(() => JsonScalar, {
    nullable: true,
    description:
      'The resulting status, size and queues of the worker, or settings of the task definition. "pong" for a ping.',
  })
  readonly value!: Json;
  @Field(() => String, {
    nullable: true,
    description: "The reason why the worker could not carry out the command.",
  })
  readonly error!: string | null;
}

@ObjectType("WorkerCommandPayload", {
  simpleResolvers: true,
  description:
    "The result of a command to workers. An accepted command is stored: workers that did not reply apply it by their next heartbeat.",
})
export class WorkerCommandPayloadType {
  @Field(() => [WorkerReplyType], { description: "The workers' replies, sorted by name." })
  readonly replies!: readonly WorkerReplyType[];
  @Field(() => [String], {
    description: "Names of the addressed workers that did not reply within the timeout.",
  })
  readonly silent!: readonly string[];
  @Field(() => [UserErrorType], {
    description: "The reasons for refusal. Empty if the command was accepted.",
  })
  readonly errors!: readonly UserErrorType[];
}

export function toSelection({ workers, timeout }: WorkerCommandInput): WorkerSelection {
  return { timeout, ...(workers ? { workers } : {}) };
}

/** The value from which a WorkerCommandPayload is resolved. */
export interface WorkerCommandPayload extends WorkerAnswers {
  readonly errors: readonly UserErrorRecord[];
}

const IN_INPUT: readonly string[] = ["workers", "timeout"];

/** Gives a command. A refusal becomes the payload's `errors`. */
export function commanding(give: () => Promise<WorkerAnswers>): Promise<WorkerCommandPayload> {
  return answering<WorkerCommandPayload>(
    async () => ({ ...(await give()), errors: [] }),
    (errors) => ({ replies: [], silent: [], errors }),
    (path) => (IN_INPUT.includes(path[0]!) ? ["input", ...path] : path),
  );
}
