import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const ENQUEUE = `mutation ($inputs: [EnqueueTaskInput!]!) {
  enqueueTasks(input: { tasks: $inputs }) { ids errors { code message path } }
}`;

interface Reply {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly retryAfter?: number };
  }[];
}

/** What a mutation that was not answered with a yes was answered with. */
export interface Refusal {
  /** `extensions.code`, or the error code of the socket. */
  readonly code: string;
  readonly message: string;
  readonly retryAfter: number | null;
}

export interface NewTask {
  readonly name?: string;
  readonly args?: object;
  readonly options?: object;
}

/**
 * A client as careful users write it: what gets no yes is sent again with the same idempotency
 * keys, until it gets one. `accepted` is what the tests hold the system to.
 */
export class Client {
  /** Ids that a yes was given for. */
  readonly accepted = new Set<string>();
  /** Answers that were no yes, in their order. */
  readonly refusals: Refusal[] = [];

  constructor(
    /** Asked anew for each request: servers come and go. */
    readonly url: () => string,
    private readonly options: { readonly keys?: boolean; readonly giveUpAfterMs?: number } = {},
  ) {}

  /**
   * Enqueues so many equal tasks, in requests of `batch`; resolves with their ids when all are
   * accepted.
   */
  async enqueue(count: number, task: NewTask = {}, batch = 500): Promise<string[]> {
    const ids: string[] = [];
    for (let sent = 0; sent < count; sent += batch) {
      const some = Array.from({ length: Math.min(batch, count - sent) }, () => task);
      ids.push(...(await this.send(some)));
    }
    return ids;
  }

  /** One request; all of its tasks are accepted when it resolves. */
  async send(tasks: readonly NewTask[]): Promise<string[]> {
    const inputs = tasks.map(({ name = "fault.note", args = {}, options = {} }) => ({
      name,
      args,
      options: { ...(this.options.keys === false ? {} : { idempotencyKey: randomUUID() }), ...options },
    }));
    const deadline = performance.now() + (this.options.giveUpAfterMs ?? 120_000);
    for (;;) {
      const answer = await this.#try(inputs);
      if ("ids" in answer) {
        for (const id of answer.ids) this.accepted.add(id);
        return answer.ids;
      }
      this.refusals.push(answer);
      if (performance.now() > deadline) {
        throw new Error(
          `No yes in ${this.options.giveUpAfterMs ?? 120_000} ms: ${answer.code} ${answer.message}`,
        );
      }
      await sleep(Math.min((answer.retryAfter ?? 0.1) * 1_000, 250));
    }
  }

  async query<Data>(document: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await this.#post(document, variables);
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data as Data;
  }

  async #try(inputs: readonly object[]): Promise<{ readonly ids: string[] } | Refusal> {
    type Answer = { enqueueTasks: { ids: string[]; errors: { code: string; message: string }[] } };
    try {
      const { data, errors } = await this.#post(ENQUEUE, { inputs });
      const problem = errors?.[0];
      if (problem) {
        const { code = "UNKNOWN", retryAfter = null } = problem.extensions ?? {};
        return { code, message: problem.message, retryAfter };
      }
      const refused = (data as Answer).enqueueTasks.errors[0];
      if (refused) return { ...refused, retryAfter: null };
      return { ids: (data as Answer).enqueueTasks.ids };
    } catch (error) {
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
      return { code: cause?.code ?? "NO_ANSWER", message: String(error), retryAfter: null };
    }
  }

  async #post(query: string, variables: object): Promise<Reply> {
    const reply = await fetch(`${this.url()}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(30_000),
    });
    return (await reply.json()) as Reply;
  }
}
