import { Lru } from "../../../lib/lru.ts";
import {
  createSourceEventStream,
  getOperationAST,
  Kind,
  visit,
  type ASTNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
} from "graphql";

/** Runs one execution, like graphql-js's `execute`. */
export interface OperationExecutor {
  execute(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult>;
  /** Whether a payload is too large to keep for later subscribers. */
  isLarge(payload: ExecutionResult): boolean;
}

/**
 * Number of payloads that a group keeps. A subscriber that is further behind gets its payload built
 * again.
 */
const WINDOW = 64;

/**
 * Runs subscriptions. Subscriptions with equal payloads form a group, in which the payload of an
 * event is built once: they have the same document and actor, and the same values of the variables
 * that the selection uses. The arguments of the subscription's own field select events and do not
 * shape payloads, so subscribers with other filters and cursors share too.
 */
export class SharedExecutions {
  readonly #groups = new Map<DocumentNode, Map<string, Group>>();

  constructor(private readonly executor: OperationExecutor) {}

  /** Groups with at least one subscriber. */
  get size(): number {
    return [...this.#groups.values()].reduce((sum, groups) => sum + groups.size, 0);
  }

  /**
   * Subscribes like graphql-js's `subscribe`. The stream must be ended with `return()`, as
   * `for await` does. `onEnd` is called once, when the subscription has ended or could not start.
   * `opener` opens the source, if its arguments differ from those of the payloads.
   */
  async subscribe(
    args: ExecutionArgs,
    actor: string | null,
    onEnd: () => void = () => undefined,
    opener = args,
  ): Promise<ResponseStream | ExecutionResult> {
    const source = await createSourceEventStream(opener).catch((error: unknown) => {
      onEnd();
      throw error;
    });
    if (!(Symbol.asyncIterator in source)) {
      onEnd();
      return source;
    }
    const group = this.#join(args, actor);
    return new ResponseStream(
      source[Symbol.asyncIterator](),
      (message) => group.payload(message, args),
      () => {
        group.leave();
        onEnd();
      },
    );
  }

  #join({ document, operationName, variableValues }: ExecutionArgs, actor: string | null): Group {
    const groups = this.#groups.get(document) ?? new Map<string, Group>();
    this.#groups.set(document, groups);
    const values = shapingVariables(document, operationName).map((name) => [name, variableValues?.[name]]);
    const key = JSON.stringify([operationName ?? null, actor, values]);
    const group =
      groups.get(key) ??
      new Group(this.executor, () => {
        groups.delete(key);
        if (groups.size === 0) this.#groups.delete(document);
      });
    groups.set(key, group);
    group.enter();
    return group;
  }
}

/** Subscribers with equal payloads. */
class Group {
  #members = 0;
  readonly #payloads = new Lru<unknown, ExecutionResult | Promise<ExecutionResult>>({ max: WINDOW });

  constructor(
    private readonly executor: OperationExecutor,
    private readonly onEmpty: () => void,
  ) {}

  enter(): void {
    this.#members += 1;
  }

  leave(): void {
    this.#members -= 1;
    if (this.#members === 0) this.onEmpty();
  }

  /** Returns the payload of a message, which may exist or be in progress already. */
  payload(message: unknown, args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
    if (this.#members === 1) return this.executor.execute({ ...args, rootValue: message });
    const origin = originOf(message);
    const known = this.#payloads.get(origin);
    if (known) return known;
    const made = this.#make(origin, { ...args, rootValue: message });
    this.#payloads.set(origin, made);
    return made;
  }

  #make(origin: unknown, args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
    const made = this.executor.execute(args);
    if (!(made instanceof Promise)) return made;
    return made.then((payload) => {
      // A failed load may succeed for the next subscriber, and 64 large payloads are too much to
      // keep.
      if (payload.errors || this.executor.isLarge(payload)) this.#payloads.delete(origin);
      return payload;
    });
  }
}

/**
 * Returns what identifies the payload of a message: its event, which is the same object for all
 * subscribers that receive it. Messages that replace earlier ones differ by the number of these.
 */
function originOf(message: unknown): unknown {
  const { event, merged = 0, cursor } = (message ?? {}) as Origin;
  if (event === undefined) return message;
  return merged === 0 ? event : `${cursor} ${merged}`;
}

interface Origin {
  readonly event?: object;
  readonly merged?: number;
  readonly cursor?: string;
}

/**
 * Returns the variables that shape the payload: all that are used outside of the arguments of the
 * subscription's own field.
 */
function shapingVariables(document: DocumentNode, operationName: string | null | undefined): string[] {
  const operation = getOperationAST(document, operationName);
  const shaping: ASTNode[] = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  shaping.push(...(operation?.directives ?? []));
  for (const selection of operation?.selectionSet.selections ?? []) {
    if (selection.kind !== Kind.FIELD) shaping.push(selection);
    else
      shaping.push(
        ...(selection.directives ?? []),
        ...(selection.selectionSet ? [selection.selectionSet] : []),
      );
  }
  const names = new Set<string>();
  for (const node of shaping) visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return [...names].toSorted();
}

/**
 * The payloads of one subscription: each message of a source, executed. `return` ends its source at
 * once.
 */
export class ResponseStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  #ended = false;
  #cursor: string | null = null;

  constructor(
    private readonly source: AsyncIterator<unknown>,
    private readonly execute: (message: unknown) => ExecutionResult | Promise<ExecutionResult>,
    /** Called once, when the subscription has ended. */
    private readonly onEnd: () => void,
  ) {}

  [Symbol.asyncIterator] = (): this => this;

  /** The cursor of the message of the latest payload. Null if it has none. */
  get cursor(): string | null {
    return this.#cursor;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    try {
      const item = await this.source.next();
      this.#cursor = cursorOf(item.value);
      if (!item.done && !this.#ended) return { done: false, value: await this.execute(item.value) };
    } catch (error) {
      await this.return();
      throw error;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#end();
    await this.source.return?.();
    return { done: true, value: undefined };
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
  }
}

function cursorOf(message: unknown): string | null {
  const cursor = (message as { readonly cursor?: unknown } | null | undefined)?.cursor;
  return typeof cursor === "string" ? cursor : null;
}
