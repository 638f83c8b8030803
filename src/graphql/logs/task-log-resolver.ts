import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import type { LogLine, TaskLogLevel } from "../../task/records/log-line.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { readAfter } from "./log-cursor.ts";
import type { TaskSource } from "../tasks/task-view.ts";
import { LogLevelEnum } from "../enums.ts";
import { LogConnectionType } from "./log-type.ts";
import { TaskType } from "../tasks/task-type.ts";

const DEFAULT_LINES = 100;
const MAX_LINES = 1_000;

/** What a LogConnection is resolved from. */
interface LogConnection {
  readonly nodes: readonly LogLine[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

@Resolver(() => TaskType)
export class TaskLogResolver {
  @FieldResolver(() => LogConnectionType, { description: "What it has logged, oldest first." })
  async logs(
    @Root() task: TaskSource,
    @Ctx() { loaders }: GraphqlContext,
    @Arg("first", () => Int, { nullable: true, description: "How many lines, 1..1000; default 100." })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Only lines after this cursor." })
    after: string | null | undefined,
    @Arg("level", () => LogLevelEnum, {
      nullable: true,
      description: "Only lines that are at least so important.",
    })
    level: TaskLogLevel | null | undefined,
  ): Promise<LogConnection> {
    const size = first ?? DEFAULT_LINES;
    if (size < 1 || size > MAX_LINES) throw badUserInput(`first must be 1..${MAX_LINES}, got ${size}.`);
    const place = readAfter(after);
    const request = { taskId: task.id, after: place, limit: size + 1, ...(level ? { level } : {}) };
    const lines = await loaders.logs.load(request);
    const nodes = lines.slice(0, size);
    return {
      nodes,
      pageInfo: {
        hasNextPage: lines.length > size,
        hasPreviousPage: place > 0,
        startCursor: nodes[0]?.cursor ?? null,
        endCursor: nodes.at(-1)?.cursor ?? null,
      },
    };
  }
}
