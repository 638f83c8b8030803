import type { FastifyReply } from "fastify";
import {
  type ArgumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { ServerResponse } from "node:http";
import { show } from "../../../lib/quote.ts";
import type { Logger } from "../../../lib/log/log.ts";
import { asGraphQLError, type Operations, type Subscriber } from "../operations/operations.ts";
import { type Replies, type RequestInfo, withData } from "../operations/replies.ts";
import { ResponseStream } from "../operations/shared-executions.ts";
import type { GraphQLParams } from "../documents/graphql-params.ts";

export const EVENT_STREAM = "text/event-stream; charset=utf-8";
const COMPLETE = "event: complete\ndata:\n\n";
/** A comment, which clients ignore. */
const PING = ":\n\n";

export interface EventStreamParts {
  readonly operations: Operations;
  readonly replies: Replies;
  /** Time between comments that keep proxies from closing a silent stream. */
  readonly pingEveryMs: number;
  readonly log: Logger;
}

export interface EventStreamRequest {
  readonly params: GraphQLParams & { readonly query: string };
  readonly info: RequestInfo;
  readonly subscriber: Subscriber;
  /** The cursor from which the client continues. */
  readonly lastEventId: string | undefined;
}

/** Why a subscription did not start. */
export interface StreamRefusal {
  readonly status: number;
  readonly body: string;
}

/** A reply with one result as events. */
export function asEvents(body: string | Buffer): Buffer {
  return Buffer.concat([nextEvent(Buffer.from(body), null), Buffer.from(COMPLETE)]);
}

/**
 * Subscriptions as Server-Sent Events, by the protocol of `graphql-sse` with one connection for each
 * operation. Checks, limits and budgets are those of WebSockets.
 */
export class EventStreams {
  readonly #open = new Set<OpenStream>();
  readonly #args = new WeakMap<ResponseStream, ExecutionArgs>();

  constructor(private readonly parts: EventStreamParts) {}

  /** Sends the events of a subscription as the reply, or returns why it does not start. */
  async start(request: EventStreamRequest, reply: FastifyReply): Promise<StreamRefusal | null> {
    const opened = await this.#subscribe(request).catch((error: unknown) => ({
      errors: [asGraphQLError(error)],
    }));
    if (!(opened instanceof ResponseStream)) return this.#refusal(opened.errors ?? [], request.info);
    const { raw } = reply;
    reply.hijack();
    // The client may have left meanwhile.
    if (raw.destroyed) {
      await opened.return();
      return null;
    }
    const headers = { ...reply.getHeaders(), "content-type": EVENT_STREAM, "x-accel-buffering": "no" };
    raw.writeHead(200, headers as Record<string, string>);
    const stream = new OpenStream(raw, opened);
    this.#open.add(stream);
    void this.#run(stream, request).finally(() => this.#open.delete(stream));
    return null;
  }

  /** Ends all streams. Clients connect again, and continue after the last event. */
  stop(): void {
    for (const stream of this.#open) stream.end();
  }

  async #subscribe({ params, info, subscriber, lastEventId }: EventStreamRequest) {
    const { operations } = this.parts;
    const prepared = operations.prepare(params, info);
    if (!("document" in prepared)) return { errors: prepared };
    const source = lastEventId ? continueAfter(prepared, lastEventId) : prepared;
    const opened = await operations.subscribe(prepared, subscriber, source);
    if (opened instanceof ResponseStream) {
      this.#args.set(opened, prepared);
      return opened;
    }
    if (!lastEventId || !opened.errors) return opened;
    return { ...opened, errors: opened.errors.map((error) => namingHeader(error, lastEventId)) };
  }

  #refusal(errors: readonly GraphQLError[], { requestId }: RequestInfo): StreamRefusal {
    const formatted = this.parts.operations.formatErrors(errors, requestId);
    return { status: statusOf(errors[0]), body: JSON.stringify({ errors: formatted }) };
  }

  async #run(stream: OpenStream, request: EventStreamRequest): Promise<void> {
    const { replies, pingEveryMs, log } = this.parts;
    const pings = setInterval(() => stream.ping(), pingEveryMs);
    stream.ping();
    try {
      for await (const result of stream.results) {
        await stream.send(
          nextEvent(this.#serialize(stream, result, request), stream.results.cursor),
          replies,
        );
      }
      stream.end(COMPLETE);
    } catch (error) {
      // Without a "complete" event, the client connects again and continues.
      if (!(error instanceof GraphQLError))
        log.error("A subscription failed unexpectedly.", { requestId: request.info.requestId, err: error });
      const { body } = this.#refusal([asGraphQLError(error)], request.info);
      await stream.send(nextEvent(Buffer.from(body), null), replies);
      stream.end(error instanceof GraphQLError ? COMPLETE : "");
    } finally {
      clearInterval(pings);
    }
  }

  #serialize({ results }: OpenStream, result: ExecutionResult, { info }: EventStreamRequest): Buffer {
    const { operations, replies } = this.parts;
    const errors = operations.formatErrors(result.errors ?? [], info.requestId);
    const args = this.#args.get(results);
    const shown: FormattedExecutionResult = {
      ...(errors.length > 0 ? { errors } : {}),
      ...(result.data === undefined ? {} : { data: result.data }),
      extensions: { ...result.extensions, cost: args && operations.costOf(args) },
    };
    const large = replies.textOf(result);
    return large ? withData(shown, large) : Buffer.from(JSON.stringify(shown));
  }
}

class OpenStream {
  #ended = false;

  constructor(
    private readonly raw: ServerResponse,
    readonly results: ResponseStream,
  ) {
    raw.once("close", () => void this.results.return());
    // The close event does the rest.
    raw.on("error", () => undefined);
  }

  ping(): void {
    if (!this.#ended && !this.raw.writableNeedDrain) this.raw.write(PING);
  }

  /**
   * Resolves when the event has left this process, so that the next one is not read before. Never
   * rejects.
   */
  send(event: Buffer, { memory }: Replies): Promise<void> {
    if (this.#ended || this.raw.destroyed) return Promise.resolve();
    memory.add(event.length);
    return new Promise((resolve) => {
      let left = false;
      const done = (): void => {
        if (left) return;
        left = true;
        this.raw.off("close", done);
        memory.release(event.length);
        resolve();
      };
      this.raw.once("close", done);
      this.raw.write(event, done);
    });
  }

  end(lastEvent = ""): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.results.return();
    this.raw.end(lastEvent);
  }
}

function nextEvent(data: Buffer, cursor: string | null): Buffer {
  const id = cursor === null ? "" : `id: ${cursor}\n`;
  return Buffer.concat([Buffer.from(`event: next\n${id}data: `), data, Buffer.from("\n\n")]);
}

/** Returns the error with the name of the header in place of `after`, which the client did not send. */
function namingHeader(error: GraphQLError, lastEventId: string): GraphQLError {
  if (error.extensions["code"] !== "BAD_CURSOR") return error;
  const message = `Last-Event-ID: expected the id of an event as this server sent it, got ${show(lastEventId)}. Leave the header out to start from now.`;
  return new GraphQLError(message, { extensions: error.extensions });
}

/** Returns arguments whose document has the cursor as `after` of each field that has it. */
function continueAfter(args: ExecutionArgs, cursor: string): ExecutionArgs {
  const info = new TypeInfo(args.schema);
  const after: ArgumentNode = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: "after" },
    value: { kind: Kind.STRING, value: cursor },
  };
  const document = visit(
    args.document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        if (!isContinuable(args.schema, info)) return undefined;
        const others = (node.arguments ?? []).filter(({ name }) => name.value !== "after");
        return { ...node, arguments: [...others, after] };
      },
    }),
  );
  return { ...args, document };
}

function isContinuable(schema: GraphQLSchema, info: TypeInfo): boolean {
  if (info.getParentType() !== schema.getSubscriptionType()) return false;
  return info.getFieldDef()?.args.some(({ name }) => name === "after") ?? false;
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  SUBSCRIPTION_LIMIT: 429,
  SERVICE_UNAVAILABLE: 503,
};

function statusOf(error: GraphQLError | undefined): number {
  const { code, http } = error?.extensions ?? {};
  const status = (http as { readonly status?: number } | undefined)?.status;
  if (status !== undefined) return status;
  if (typeof code === "string") return STATUS_OF_CODE[code] ?? 400;
  return error?.originalError ? 500 : 400;
}
