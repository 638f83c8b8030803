import { Field, InputType } from "type-graphql";
import type { WorkerSelection } from "../../engine/control/worker-control.ts";
import { SECOND } from "../../lib/clock.ts";
import { DurationScalar } from "../scalars.ts";

@InputType("WorkerCommandInput", { description: "Which workers a command is for." })
export class WorkerCommandInput {
  @Field(() => [String], {
    nullable: true,
    description: "Names of live workers; a name reaches all that have it. All live workers without it.",
  })
  readonly workers?: readonly string[] | null;
  @Field(() => DurationScalar, {
    defaultValue: 2 * SECOND,
    description: "How long answers are waited for, up to PT20S.",
  })
  readonly timeout!: number;
}

export function toSelection({ workers, timeout }: WorkerCommandInput): WorkerSelection {
  return { timeout, ...(workers ? { workers } : {}) };
}
