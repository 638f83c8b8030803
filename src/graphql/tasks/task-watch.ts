import type { FeedItem } from "../../engine/events/event-feed.ts";
import type { Delivery } from "../../engine/events/event-subscription.ts";
import type { Cursor } from "../../events/event-stream.ts";
import { isNewer } from "../../engine/events/event-order.ts";
import { eventTypeOf, type LovageEvent, type TaskEvent } from "../../task/records/event.ts";
import { isFinal } from "../../task/records/state.ts";
import type { TaskOutline, TaskSummary } from "../../task/records/task.ts";
import type { ApiServices } from "../context.ts";
import { taskNotFound } from "../errors.ts";
import { MessageStream, noItems, type Step } from "../streams/message-stream.ts";
import { openFeed, type TaskMessage, type TaskUpdate, toNotice } from "../streams/stream-messages.ts";

type Sources = Pick<ApiServices, "feed" | "reader" | "clock">;

export interface WatchOptions {
  /** The events after this cursor are replayed first. Null sends the current state first. */
  readonly after: Cursor | null;
  readonly delivery: Delivery;
}

/**
 * Watches one task until it ends. Sends the current state, or the events missed since `after`, then
 * every change.
 *
 * @throws GraphQLError NOT_FOUND for an unknown task, BAD_CURSOR for a cursor that cannot be read
 */
export async function watchTask(
  sources: Sources,
  id: string,
  { after, delivery }: WatchOptions,
): Promise<AsyncIterableIterator<TaskMessage>> {
  // The head is read before the row, so that events between the two reads are replayed. Known ones
  // are dropped.
  const head = await sources.feed.head();
  const watch = new TaskWatch(sources, id, delivery);
  const present = await watch.read();
  if (present === null) throw taskNotFound(id);
  const translate = (item: FeedItem): Step<TaskMessage> | Promise<Step<TaskMessage>> => watch.translate(item);
  if (after === null) {
    const first = watch.currentState(head, present).messages;
    return new MessageStream(isFinal(present.state) ? noItems() : watch.open(head), translate, first);
  }
  const source = watch.open(after);
  // The subscriber knows the end already: its connection broke before the stream was complete.
  if (isFinal(present.state) && (await isEndOf(sources, id, after)))
    return new MessageStream(noItems(), translate);
  return new MessageStream(source, translate);
}

/** Whether a cursor is that of the event with which the task ended. */
async function isEndOf({ feed }: Sources, id: string, cursor: Cursor): Promise<boolean> {
  const event = await feed.eventAt(cursor);
  return event?.kind === "task" && event.task.id === id && isFinal(event.task.state);
}

/**
 * Watches a task that was enqueued after the cursor `head`: sends all of its events, and ends like
 * `watchTask`.
 */
export function watchNewTask(
  sources: Sources,
  id: string,
  { head, delivery }: { readonly head: Cursor; readonly delivery: Delivery },
): AsyncIterableIterator<TaskMessage> {
  const watch = new TaskWatch(sources, id, delivery);
  return new MessageStream(watch.open(head), (item: FeedItem) => watch.translate(item));
}

/**
 * Remembers the last sent state, so that no subscriber sees a task go backwards or receives an
 * event twice.
 */
class TaskWatch {
  #sent: TaskSummary | null = null;

  constructor(
    private readonly sources: Sources,
    private readonly id: string,
    private readonly delivery: Delivery,
  ) {}

  open(after: Cursor): AsyncIterator<FeedItem> {
    return openFeed(this.sources.feed, {
      after,
      ids: [this.id],
      accept: this.#accepts,
      delivery: this.delivery,
      isUrgent: (event) => event.kind === "task" && isFinal(event.task.state),
    });
  }

  /** Known events are not accepted, so that none of them is counted as merged. */
  #accepts = (event: LovageEvent): boolean =>
    event.kind === "task" && (event.type === "EMITTED" || isNewer(event.task, this.#sent));

  async read(): Promise<TaskOutline | null> {
    return (await this.sources.reader.outlines([this.id]))[0] ?? null;
  }

  translate(item: FeedItem): Step<TaskMessage> | Promise<Step<TaskMessage>> {
    if (item.type !== "event")
      return item.type === "lag" ? { messages: [toNotice(item)] } : this.#compare(item);
    const { cursor, event, merged } = item;
    if (event.kind !== "task") return { messages: [] };
    if (event.type === "EMITTED") return this.#emittedUpdate(cursor, event);
    if (!isNewer(event.task, this.#sent)) return { messages: [] };
    this.#sent = event.task;
    const { at, type, task } = event;
    return {
      messages: [{ __typename: "TaskUpdate", cursor, at, type, task, event, merged }],
      end: isFinal(task.state),
    };
  }

  /** Every emitted event is sent, except after a newer state of the task. */
  #emittedUpdate(cursor: Cursor, event: TaskEvent): Step<TaskUpdate> {
    const { at, type, task, emitted } = event;
    if (this.#sent !== null && task.version < this.#sent.version) return { messages: [] };
    return { messages: [{ __typename: "TaskUpdate", cursor, at, type, task, emitted, event, merged: 0 }] };
  }

  /** Returns the current state as an update. */
  currentState(cursor: Cursor, task: TaskOutline): Step<TaskUpdate> {
    this.#sent = task;
    const at = this.sources.clock.now();
    return {
      messages: [{ __typename: "TaskUpdate", cursor, at, type: eventTypeOf(task), task, merged: 0 }],
      end: isFinal(task.state),
    };
  }

  /**
   * Compares the row with the last sent state. Events are missing after a reset, and may have been
   * lost before a silence (a broker that was unavailable). A newer row is sent now, so that a
   * subscription to a finished task always completes.
   */
  async #compare(
    item: Extract<FeedItem, { readonly type: "reset" | "heartbeat" }>,
  ): Promise<Step<TaskMessage>> {
    const messages = [toNotice(item)];
    const present = await this.read();
    if (present === null) return { messages, end: true };
    if (!isNewer(present, this.#sent)) return { messages };
    const update = this.currentState(item.cursor, present);
    return { ...update, messages: [...messages, ...update.messages] };
  }
}
