import type { EnqueueRequest } from "../../engine/enqueue/prepare-task.ts";
import type { Json } from "../../lib/json.ts";
import { isTaskDefinition } from "../../task/definition/definition.ts";
import type { EnqueuedTask, EnqueueOptions } from "../../task/call/enqueue-options.ts";

/** What one attempt enqueues itself. */
export class OwnEnqueues {
  readonly #underWay = new Set<Promise<EnqueuedTask>>();

  constructor(
    private readonly send: (request: EnqueueRequest) => Promise<EnqueuedTask>,
    private readonly isOver: () => boolean,
  ) {}

  /** Whether its code has asked for something that is not committed yet. */
  get open(): boolean {
    return this.#underWay.size > 0;
  }

  enqueue(definition: unknown, input: unknown, options: EnqueueOptions | undefined): Promise<EnqueuedTask> {
    const enqueuing = this.#send(definition, input, options);
    const done = (): void => void this.#underWay.delete(enqueuing);
    this.#underWay.add(enqueuing);
    enqueuing.then(done, done);
    return enqueuing;
  }

  /** Resolves when all is committed that the code did not wait for; rejects with the first that is not. */
  async committed(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #send(
    definition: unknown,
    input: unknown,
    options: EnqueueOptions | undefined,
  ): Promise<EnqueuedTask> {
    if (!isTaskDefinition(definition))
      throw new TypeError("ctx.enqueue takes a task definition, as defineTask gives it, and then its input.");
    if (this.isOver()) throw new AttemptOver();
    const { name } = definition;
    return this.send({ name, args: input as Json, ...(options ? { options } : {}) });
  }
}

/** Thrown by `ctx.enqueue` when nobody waits for the attempt any more. */
export class AttemptOver extends Error {
  override readonly name = "AttemptOver";

  constructor() {
    super("ctx.enqueue came too late: the attempt has ended. Wait for it before run returns.");
  }
}
