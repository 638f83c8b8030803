import { Arg, ID, Resolver, Root, Subscription } from "type-graphql";
import type { LogItem } from "../../engine/logs/log-item.ts";
import type { LogLine, TaskLogLevel } from "../../task/records/log-line.ts";
import type { GraphqlContext } from "../context.ts";
import { taskNotFound } from "../errors.ts";
import { readAfter } from "./log-cursor.ts";
import { requireUuid } from "../require-uuid.ts";
import { LogLevelEnum } from "../enums.ts";
import { LogStream } from "./log-type.ts";
import { MessageStream } from "../streams/message-stream.ts";
import { opening } from "../streams/opening.ts";
import { type StreamNotice, toNotice } from "../streams/stream-messages.ts";

interface LogUpdate {
  readonly __typename: "LogUpdate";
  readonly cursor: string;
  readonly lines: readonly LogLine[];
}

type LogMessage = LogUpdate | StreamNotice;

interface LogArguments {
  readonly id: string;
  readonly after?: string | null;
  readonly level?: TaskLogLevel | null;
}

@Resolver()
export class LogSubscriptions {
  @Subscription(() => LogStream, {
    description:
      "The log of one task. First the lines that are stored, then each new one; completes when the task has ended and its last line was sent.",
    subscribe: opening(watchLog),
  })
  taskLogs(
    @Root() message: LogMessage,
    @Arg("id", () => ID, { description: "UUID of the task." }) _id: string,
    @Arg("after", () => String, {
      nullable: true,
      description: "Only lines after this cursor, with no gap and no double.",
    })
    _after: string | null | undefined,
    @Arg("level", () => LogLevelEnum, {
      nullable: true,
      description: "Only lines that are at least so important.",
    })
    _level: TaskLogLevel | null | undefined,
  ): LogMessage {
    return message;
  }
}

async function watchLog(
  { id, after, level }: LogArguments,
  { services }: GraphqlContext,
): Promise<MessageStream<LogItem, LogMessage>> {
  requireUuid("id", id);
  const request = { taskId: id, after: readAfter(after), ...(level ? { level } : {}) };
  const items = await services.logFeed.subscribe(request);
  if (items === null) throw taskNotFound(id);
  return new MessageStream(items, (item) => ({ messages: [toMessage(item)] }));
}

function toMessage(item: LogItem): LogMessage {
  if (item.type !== "lines") return toNotice(item);
  return { __typename: "LogUpdate", cursor: item.cursor, lines: item.lines };
}
