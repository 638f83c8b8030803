import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import { RefusedError } from "../../errors.ts";
import { type LogLine, readLogCursor, type TaskLogLevel } from "../../task/records/log-line.ts";
import type { GraphqlContext } from "../context.ts";
import { requireRange } from "../arguments.ts";
import { type Page, pageOf } from "../page.ts";
import type { TaskSource } from "../tasks/task-view.ts";
import { LogConnectionType, LogLevelEnum } from "./log-type.ts";
import { TaskType } from "../tasks/task-type.ts";

const DEFAULT_LINES = 100;
const MAX_LINES = 1_000;

@Resolver(() => TaskType)
export class TaskLogResolver {
  @FieldResolver(() => LogConnectionType, { description: "The task's log, oldest line first." })
  async logs(
    @Root() task: TaskSource,
    @Ctx() { loaders }: GraphqlContext,
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: DEFAULT_LINES,
      description: "Number of lines to return: 1 to 1000.",
    })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Returns only lines after this cursor." })
    after: string | null | undefined,
    @Arg("level", () => LogLevelEnum, {
      nullable: true,
      description: "Returns only lines of this level or above.",
    })
    level: TaskLogLevel | null | undefined,
  ): Promise<Page<LogLine>> {
    const size = first ?? DEFAULT_LINES;
    requireRange("first", size, MAX_LINES);
    const afterId = readAfter(after);
    const request = { taskId: task.id, after: afterId, limit: size + 1, ...(level ? { level } : {}) };
    const lines = await loaders.logs.load(request);
    return pageOf(lines, { size, isFirst: afterId === 0, cursorOf: ({ cursor }) => cursor });
  }
}

/**
 * Returns the position at which a log continues. 0 is its start.
 * @throws RefusedError (INVALID_INPUT)
 */
export function readAfter(after: string | null | undefined): number {
  if (after === null || after === undefined) return 0;
  const position = readLogCursor(after);
  if (position !== null) return position;
  const hint = 'Start without "after".';
  throw new RefusedError([
    { code: "INVALID_INPUT", path: ["after"], message: "Cursor cannot be read.", hint },
  ]);
}
