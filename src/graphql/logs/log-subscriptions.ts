import { Arg, ID, Resolver, Root, Subscription } from "type-graphql";
import type { LogItem } from "../../engine/logs/log-subscription.ts";
import type { LogLine, TaskLogLevel } from "../../task/records/log-line.ts";
import type { GraphqlContext } from "../context.ts";
import { taskNotFound } from "../errors.ts";
import { readAfter } from "./task-log-resolver.ts";
import { readUuid } from "../arguments.ts";
import { LogLevelEnum, LogStream } from "./log-type.ts";
import { MessageStream, opening } from "../streams/message-stream.ts";
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
      "Sends the log of one task: first the stored lines, then each new line. Completes after the last line of a finished task.",
    subscribe: opening(watchLog),
  })
  taskLogs(
    @Root() message: LogMessage,
    @Arg("id", () => ID, { description: "The task's UUID." }) _id: string,
    @Arg("after", () => String, {
      nullable: true,
      description: "Sends only lines after this cursor, without gaps or duplicates.",
    })
    _after: string | null | undefined,
    @Arg("level", () => LogLevelEnum, {
      nullable: true,
      description: "Sends only lines of this level or above.",
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
  const taskId = readUuid("id", id);
  const request = { taskId, after: readAfter(after), ...(level ? { level } : {}) };
  const items = await services.logFeed.subscribe(request);
  if (items === null) throw taskNotFound(id);
  return new MessageStream(items, (item) => ({ messages: [toMessage(item)] }));
}

function toMessage(item: LogItem): LogMessage {
  if (item.type !== "lines") return toNotice(item);
  return { __typename: "LogUpdate", cursor: item.cursor, lines: item.lines };
}
