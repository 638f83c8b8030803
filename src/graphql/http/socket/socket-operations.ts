import {
  getOperationAST,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
} from "graphql";
import type { Context, ServerOptions } from "graphql-ws";
import type { OperationScope } from "../../../lib/operation-scope.ts";
import { newId } from "../../../lib/uuid.ts";
import type { HttpLimits } from "../access/http-limits.ts";
import { runOperation, timeoutMessage } from "../operations/deadline.ts";
import { asGraphQLError, type Operations } from "../operations/operations.ts";
import type { Replies, RequestInfo } from "../operations/replies.ts";

interface RunningOperation {
  readonly ended: AbortController;
  /** False if the client has completed the operation. */
  readonly isWanted: () => boolean;
}

/** The state of one socket. */
export interface Connection {
  /** The caller, set once the client was admitted. */
  actor: string | null;
  /** The client address by which limits count. */
  readonly network: string;
  /** IDs of the running operations, by the client's own IDs. */
  readonly requestIds: Map<string, string>;
  /**
   * Controllers of running queries and mutations. Aborted when the client completes them or the
   * socket closes.
   */
  readonly running: Set<RunningOperation>;
  /** The data of large results, by its placeholder in the message. */
  readonly largeData: Map<string, Buffer>;
  /**
   * Identifies the caller by the payload of `connection_init`. Closes the socket and returns false
   * if the login fails.
   */
  admit(payload: Readonly<Record<string, unknown>> | undefined): boolean;
}

export interface SocketOperationParts {
  readonly operations: Operations;
  readonly limits: HttpLimits;
  readonly scope: OperationScope;
  readonly replies: Replies;
}

type Hooks = ServerOptions<Record<string, unknown>, Connection>;
type SocketContext = Context<Record<string, unknown>, Connection>;

interface SocketOperation {
  readonly ctx: SocketContext;
  /** The client's own ID of the operation. */
  readonly id: string;
}

/**
 * Runs operations of WebSockets with the same checks, limits and error formats as operations of
 * HTTP requests.
 */
export function socketHooks(parts: SocketOperationParts): Hooks {
  /** By the operation's context. */
  const started = new WeakMap<object, SocketOperation>();
  const { operations } = parts;
  const formatAll = (ctx: SocketContext, id: string, errors: readonly GraphQLError[]) => {
    return operations.formatErrors(errors, ctx.extra.requestIds.get(id) ?? newId());
  };
  return {
    connectionInitWaitTimeout: parts.limits.socket.initTimeoutMs,
    onConnect: (ctx) => ctx.extra.admit(ctx.connectionParams),
    onSubscribe: (ctx, id, payload) => {
      const requestId = newId();
      ctx.extra.requestIds.set(id, requestId);
      try {
        checkOperationCount(ctx, parts.limits.socket.maxOperations);
        const prepared = operations.prepare(payload, { requestId, actor: ctx.extra.actor });
        if ("contextValue" in prepared) started.set(contextOf(prepared), { ctx, id });
        return prepared;
      } catch (error) {
        return [asGraphQLError(error)];
      }
    },
    subscribe: (args) => operations.subscribe(args as ExecutionArgs, started.get(contextOf(args))!.ctx.extra),
    execute: (args) => runWithDeadline(args as ExecutionArgs, parts, started.get(contextOf(args))!),
    onDisconnect: (ctx) => ctx.extra.running.forEach(({ ended }) => ended.abort()),
    onNext: (ctx, id, _payload, args, result) => {
      const cost = operations.costOf(args as ExecutionArgs);
      const errors = formatAll(ctx, id, (result.errors ?? []) as readonly GraphQLError[]);
      const largeData = parts.replies.textOf(result as ExecutionResult);
      return {
        ...result,
        ...(largeData ? { data: standIn(ctx.extra, largeData) } : {}),
        ...(errors.length > 0 ? { errors } : {}),
        extensions: { ...result.extensions, cost },
      } as unknown as FormattedExecutionResult;
    },
    onError: (ctx, id, _payload, errors) => {
      const formatted = formatAll(ctx, id, errors as readonly GraphQLError[]);
      ctx.extra.requestIds.delete(id);
      return formatted;
    },
    onComplete: (ctx, id) => void ctx.extra.requestIds.delete(id),
  };
}

/**
 * Aborts the operations that the client has completed. graphql-ws has no hook for that message: it
 * only removes the operation, at once.
 */
export function abortCompleted({ running }: Connection): void {
  for (const { ended, isWanted } of running) if (!isWanted()) ended.abort();
}

function contextOf({ contextValue }: Pick<ExecutionArgs, "contextValue">): RequestInfo {
  return contextValue as RequestInfo;
}

function checkOperationCount({ subscriptions }: SocketContext, max: number): void {
  const count = Object.keys(subscriptions).length;
  if (count <= max) return;
  throw new GraphQLError(
    `${count} operations on one connection are over ${max}; complete some, or open another.`,
    {
      extensions: { code: "SUBSCRIPTION_LIMIT" },
    },
  );
}

/**
 * Inserts the serialized data of large results when a message is sent. graphql-ws would serialize
 * it in one turn.
 */
function standIn({ largeData }: Connection, data: Buffer): string {
  const name = newId();
  largeData.set(name, data);
  return name;
}

async function runWithDeadline(
  args: ExecutionArgs,
  { operations, scope, limits, replies }: SocketOperationParts,
  { ctx, id }: SocketOperation,
): Promise<ExecutionResult> {
  const operation = getOperationAST(args.document, args.operationName)!.operation;
  const timeoutMs = limits.operationTimeoutMs;
  const ended = new AbortController();
  const { running } = ctx.extra;
  const entry = { ended, isWanted: () => id in ctx.subscriptions };
  running.add(entry);
  try {
    return await runOperation(
      { scope, ended, timeoutMs },
      async () => {
        const asked = { operation, cost: operations.costOf(args)?.requested ?? 0 };
        const caller = { network: ctx.extra.network, ended: ended.signal };
        return replies.admit(asked, caller).then(
          (leave) => replies.execute(args).finally(leave),
          (error: unknown) => ({ errors: [asGraphQLError(error)] }),
        );
      },
      () => ({
        errors: [new GraphQLError(timeoutMessage(timeoutMs), { extensions: { code: "TIMEOUT" } })],
      }),
    );
  } finally {
    running.delete(entry);
  }
}
