import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { Cursor } from "../../events/event-stream.ts";
import { eventTypeOf, type TaskEvent } from "../../task/records/event.ts";
import { isFinal } from "../../task/records/state.ts";
import type { TaskOutline, TaskSummary } from "../../task/records/task.ts";
import type { ApiServices } from "../context.ts";
import { taskNotFound } from "../errors.ts";
import { MessageStream, noItems, type Step } from "../streams/message-stream.ts";
import { openFeed, type TaskMessage, type TaskUpdate, toNotice } from "../streams/stream-messages.ts";

type Sources = Pick<ApiServices, "feed" | "tasks" | "clock">;

/**
 * One task until it ends: first the state now, or what was missed since `after`; then every change.
 *
 * @throws GraphQLError NOT_FOUND for an unknown task, BAD_CURSOR for a cursor that cannot be read
 */
export async function watchTask(
  sources: Sources,
  id: string,
  after: Cursor | null,
): Promise<AsyncIterableIterator<TaskMessage>> {
  // Read before the row: whatever happens between the two is replayed, and is then no news.
  const head = await sources.feed.head();
  const watch = new TaskWatch(sources, id);
  const present = await watch.read();
  if (present === null) throw taskNotFound(id);
  const translate = (item: FeedItem): Step<TaskMessage> | Promise<Step<TaskMessage>> => watch.translate(item);
  if (after === null) {
    const first = watch.tell(head, present).messages;
    return new MessageStream(isFinal(present.state) ? noItems() : watch.open(head), translate, first);
  }
  return new MessageStream(watch.open(after), translate);
}

/** Knows what the subscriber was told, so that nobody sees a task go backwards or hears a thing twice. */
class TaskWatch {
  #told: TaskSummary | null = null;

  constructor(
    private readonly sources: Sources,
    private readonly id: string,
  ) {}

  open(after: Cursor): AsyncIterator<FeedItem> {
    return openFeed(this.sources.feed, { after, ids: [this.id], accept: (event) => event.kind === "task" });
  }

  async read(): Promise<TaskOutline | null> {
    return (await this.sources.tasks.outlines([this.id]))[0] ?? null;
  }

  translate(item: FeedItem): Step<TaskMessage> | Promise<Step<TaskMessage>> {
    if (item.type !== "event")
      return item.type === "lag" ? { messages: [toNotice(item)] } : this.#compare(item);
    const { cursor, event } = item;
    if (event.kind !== "task") return { messages: [] };
    if (event.type === "EMITTED") return this.#tellEmitted(cursor, event);
    if (!isNews(event.task, this.#told)) return { messages: [] };
    this.#told = event.task;
    const { at, type, task } = event;
    return {
      messages: [{ __typename: "TaskUpdate", cursor, at, type, task, event }],
      end: isFinal(task.state),
    };
  }

  /** Each says something of its own; only none comes after a newer state of the task. */
  #tellEmitted(cursor: Cursor, event: TaskEvent): Step<TaskUpdate> {
    const { at, type, task, emitted } = event;
    if (this.#told !== null && task.version < this.#told.version) return { messages: [] };
    return { messages: [{ __typename: "TaskUpdate", cursor, at, type, task, emitted, event }] };
  }

  /** The state now, as an update. */
  tell(cursor: Cursor, task: TaskOutline): Step<TaskUpdate> {
    this.#told = task;
    const at = this.sources.clock.now();
    return {
      messages: [{ __typename: "TaskUpdate", cursor, at, type: eventTypeOf(task), task }],
      end: isFinal(task.state),
    };
  }

  /**
   * Events are gone after a reset, and may have been lost on their way before a silence (a broker that was away). The row knows: what
   * it says beyond what was told is told now, so that a subscription to a task that has ended always ends too.
   */
  async #compare(
    item: Extract<FeedItem, { readonly type: "reset" | "heartbeat" }>,
  ): Promise<Step<TaskMessage>> {
    const messages = [toNotice(item)];
    const present = await this.read();
    if (present === null) return { messages, end: true };
    if (!isNews(present, this.#told)) return { messages };
    const told = this.tell(item.cursor, present);
    return { ...told, messages: [...messages, ...told.messages] };
  }
}

function isNews(task: TaskSummary, told: TaskSummary | null): boolean {
  if (told === null || task.version > told.version) return true;
  // Progress is told within one version.
  return task.version === told.version && progressTime(task) > progressTime(told);
}

function progressTime({ progress }: TaskSummary): number {
  return progress?.updatedAt.getTime() ?? 0;
}
