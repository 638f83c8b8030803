import { MemoryBroker } from "../../src/broker/memory/broker.ts";
import { MemorySignals } from "../../src/broker/memory/signals.ts";
import type { Delivery } from "../../src/broker/broker.ts";
import { openStores, type Stores } from "../../src/app/adapters.ts";
import { HintSender } from "../../src/engine/enqueue/hint-sender.ts";
import { Publisher } from "../../src/engine/events/publisher.ts";
import { MemoryEventStream } from "../../src/events/memory/event-stream.ts";
import { silentLogger } from "../../src/lib/log/log.ts";
import type { Sql } from "../../src/store/connection/sql.ts";
import type { ClaimedTask, NewTask, Outcome } from "../../src/store/tasks/task-store.ts";
import type { LovageEvent } from "../../src/task/records/event.ts";
import type { TaskRecord } from "../../src/task/records/task.ts";
import type { WorkerRecord } from "../../src/task/records/worker.ts";
import { DATABASES } from "./databases.ts";
import { newTask, newWorker } from "./store-rows.ts";

/** The stores, a broker in memory, and what is needed to see what a part did. */
export interface EngineParts extends AsyncDisposable {
  readonly stores: Stores;
  readonly sql: Sql;
  readonly broker: MemoryBroker;
  readonly signals: MemorySignals;
  readonly hints: HintSender;
  readonly publisher: Publisher;
  /** Events since the last call, as `TYPE id`, workers as `CHANGE name`. */
  events(): Promise<string[]>;
  /** Hints of a queue, taken away. */
  takeHints(queue?: string): Promise<string[]>;
  insert(part?: Partial<NewTask>): Promise<string>;
  register(part?: Partial<WorkerRecord>): Promise<WorkerRecord>;
  claim(worker: WorkerRecord, ids: readonly string[]): Promise<ClaimedTask[]>;
  read(id: string): Promise<TaskRecord>;
}

export const KEEP_MS = 60_000;

/** @param place where the stores are; by default an embedded database in memory */
export async function openEngineParts(place = DATABASES[0]!): Promise<EngineParts> {
  const { database, ...opened } = await place.open();
  const stores = openStores(database);
  const stream = new MemoryEventStream();
  const broker = new MemoryBroker({ blockMs: 200 });
  const publisher = new Publisher(stream, silentLogger);
  const told: LovageEvent[] = [];
  await stream.tail((events) => told.push(...events.map(({ event }) => event)));
  return {
    ...opened,
    stores,
    sql: database.sql,
    broker,
    signals: new MemorySignals({ log: silentLogger }),
    hints: new HintSender(broker, publisher, silentLogger),
    publisher,
    events: async () => {
      await publisher.flush();
      return told.splice(0).map(brief);
    },
    takeHints: (queue = "default") => takeHints(broker, queue),
    insert: async (part = {}) => {
      const row = newTask(part);
      await stores.tasks.insert([row], "each");
      return row.id;
    },
    register: async (part = {}) => {
      const worker = newWorker(part);
      await stores.workers.register(worker);
      return worker;
    },
    claim: ({ id, name }, taskIds) =>
      stores.tasks.claim({ taskIds, workerId: id, workerName: name, names: ["test.task"] }),
    read: async (id) => (await stores.reader.byIds([id]))[0]!,
  };
}

export function outcomeOf({ summary }: ClaimedTask, part: object): Outcome {
  const { id, workerId, version } = summary;
  return { taskId: id, workerId, version, progress: null, keepMs: KEEP_MS, ...part } as Outcome;
}

function brief(event: LovageEvent): string {
  switch (event.kind) {
    case "task":
      return `${event.type} ${event.task.id}`;
    case "worker":
      return `${event.type} ${event.worker.name}`;
    case "schedule":
      return `${event.type} ${event.schedule.name}`;
    case "control":
      return `${event.entry.action} ${event.entry.changes.map(({ target }) => target).join(" ")}`;
  }
}

async function takeHints(broker: MemoryBroker, queue: string): Promise<string[]> {
  const consumer = broker.consumer({ consumer: "test" });
  const taken: Delivery[] = [];
  while ((await broker.depth(queue)) > 0) {
    const deliveries = await consumer.fetch([queue], 1_000, new AbortController().signal);
    for (const delivery of deliveries) delivery.ack();
    taken.push(...deliveries);
  }
  await consumer.close();
  return taken.map((delivery) => delivery.taskId);
}
