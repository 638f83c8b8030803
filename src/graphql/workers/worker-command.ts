import { Field, InputType, InterfaceType, ObjectType } from "type-graphql";
import type { WorkerAnswers } from "../../engine/control/worker-commands.ts";
import type { WorkerSelection } from "../../engine/control/worker-control.ts";
import { SECOND } from "../../lib/clock.ts";
import type { Json } from "../../lib/json/json.ts";
import { answering, refusal, type UserErrorRecord } from "../errors.ts";
import { MutationPayloadType } from "../payload.ts";
import { DurationScalar, JsonScalar } from "../scalars.ts";

@InputType("WorkerTarget", {
  description: "The workers that a command addresses. A command never addresses all workers by default.",
})
class WorkerTarget {
  @Field(() => [String], {
    nullable: true,
    description: "Names of live workers, 1 to 1,000. A name addresses every worker that has it.",
  })
  readonly workers?: readonly string[] | null;
  @Field(() => Boolean, { nullable: true, description: "All live workers. Must be true." })
  readonly all?: boolean | null;
}

/** The fields of every command's input. */
@InputType()
export abstract class WorkerCommandInput {
  @Field(() => WorkerTarget, { description: "The workers to address." })
  readonly target!: WorkerTarget;
  @Field(() => DurationScalar, {
    defaultValue: 2 * SECOND,
    description: "Time to wait for replies, up to PT20S.",
  })
  readonly timeout!: number;
}

@ObjectType("WorkerReply", { simpleResolvers: true, description: "One worker's reply to a command." })
class WorkerReplyType {
  @Field(() => String, { description: "The worker's name. Several workers may share a name." })
  readonly workerName!: string;
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

@InterfaceType("WorkerCommandPayload", {
  implements: MutationPayloadType,
  description:
    "The result of a command to workers. An accepted command is stored: workers that did not reply apply it by their next heartbeat.",
})
export abstract class WorkerCommandPayloadType extends MutationPayloadType {
  @Field(() => [WorkerReplyType], { description: "The workers' replies, sorted by name." })
  readonly replies!: readonly WorkerReplyType[];
  @Field(() => [String], {
    description: "Names of the addressed workers that did not reply within the timeout.",
  })
  readonly silent!: readonly string[];
}

/**
 * Reads the target and the timeout of a command.
 *
 * @throws RefusedError for `all: false`
 */
function toSelection({ target: { workers, all }, timeout }: WorkerCommandInput): WorkerSelection {
  if (workers) return { timeout, workers };
  if (all) return { timeout };
  throw refusal(["workers", "all"], "expected true, got false.", "Name the workers in `workers` instead.");
}

/** The value from which a WorkerCommandPayload is resolved. */
export interface WorkerCommandPayload extends WorkerAnswers {
  readonly errors: readonly UserErrorRecord[];
}

/** Gives a command to workers. A refusal becomes the payload's `errors`. */
export function commanding(
  input: WorkerCommandInput,
  give: (selection: WorkerSelection) => Promise<WorkerAnswers>,
): Promise<WorkerCommandPayload> {
  return answering<WorkerCommandPayload>(
    async () => ({ ...(await give(toSelection(input))), errors: [] }),
    (errors) => ({ replies: [], silent: [], errors }),
    (path) => ["input", ...toTarget(path)],
  );
}

/** The engine's name of the target is `workers`. */
function toTarget(path: readonly string[]): readonly string[] {
  const [head, ...rest] = path;
  if (head !== "workers") return path;
  return rest[0] === "all" || rest.length === 0 ? ["target", ...rest] : ["target", "workers", ...rest];
}
