import type { Signals } from "../../broker/signals.ts";
import type { Json } from "../../lib/json/json.ts";
import { newId } from "../../lib/uuid.ts";
import type { WorkerRecord } from "../../task/records/worker.ts";

/** The reply of one worker. */
export interface WorkerReply {
  /** Its name. */
  readonly worker: string;
  readonly ok: boolean;
  readonly value: Json;
  readonly error: string | null;
}

export interface WorkerAnswers {
  readonly replies: readonly WorkerReply[];
  /**
   * Names of workers that were live and did not reply in time; twice if two of one name did not.
   */
  readonly silent: readonly string[];
}

export interface WorkerCommand {
  readonly ask: "ping" | "look";
  /** The task definition whose settings the replies contain. @default none: the worker itself */
  readonly task?: string;
  readonly timeoutMs: number;
}

/**
 * A command is sent again to workers that have not replied: a message may be lost, and the first
 * subscription of a process may not receive replies at once.
 */
const AGAIN_MS = 500;

type Asked = Pick<WorkerRecord, "id" | "name">;

/**
 * Sends commands to workers, and collects their replies until all have replied or the timeout is
 * over.
 */
export class WorkerCommands {
  constructor(private readonly signals: Signals) {}

  async send(workers: readonly Asked[], { ask, task, timeoutMs }: WorkerCommand): Promise<WorkerAnswers> {
    const id = newId();
    const waiting = new Map(workers.map((worker) => [worker.id, worker]));
    const replies: WorkerReply[] = [];
    const done = Promise.withResolvers<void>();
    const unsubscribe = this.signals.subscribe((signal) => {
      const asked = signal.type === "reply" && signal.id === id ? waiting.get(signal.worker) : undefined;
      if (!asked || signal.type !== "reply") return;
      waiting.delete(asked.id);
      replies.push({ worker: asked.name, ok: signal.ok, value: signal.value, error: signal.error });
      if (waiting.size === 0) done.resolve();
    });
    const publish = (): void =>
      this.signals.publish({ type: "command", id, ask, task: task ?? null, workers: [...waiting.keys()] });
    const again = setInterval(publish, AGAIN_MS);
    const timeUp = setTimeout(done.resolve, timeoutMs);
    if (waiting.size === 0) done.resolve();
    else publish();
    await done.promise;
    clearInterval(again);
    clearTimeout(timeUp);
    unsubscribe();
    const byName = (a: { readonly worker: string }, b: { readonly worker: string }): number =>
      a.worker < b.worker ? -1 : 1;
    return { replies: replies.sort(byName), silent: [...waiting.values()].map(({ name }) => name).sort() };
  }
}
