import { toError } from "../../../lib/thrown.ts";
import {
  getOperationAST,
  GraphQLError,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import type { Context, ServerOptions } from "graphql-ws";
import type { OperationScope } from "../../../lib/operation-scope.ts";
import { newId } from "../../../lib/uuid.ts";
import type { CostLimiter, CostReport } from "../../cost/cost-limiter.ts";
import { runOperation, timeoutMessage } from "../operations/deadline.ts";
import type { Documents } from "../documents/documents.ts";
import { type ErrorFormatter, limitErrors } from "../errors/format-error.ts";
import { checkVariables } from "../documents/graphql-params.ts";
import type { HttpLimits } from "../access/http-limits.ts";
import type { RequestInfo } from "../operations/replies.ts";
import { Quota, type QuotaLimits, quotaMessage } from "../access/quota.ts";
import { checkLargeVariables } from "../documents/large-variables.ts";
import { HttpRefusal } from "../errors/refusal.ts";
import type { Replies } from "../operations/replies.ts";
import { SharedExecutions } from "../operations/shared-executions.ts";

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

export interface OperationParts {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly costs: CostLimiter;
  readonly formatError: ErrorFormatter;
  readonly limits: HttpLimits;
  readonly subscriptionLimits: QuotaLimits;
  readonly scope: OperationScope;
  readonly replies: Replies;
  readonly createContext: (request: RequestInfo) => RequestInfo;
}

type Hooks = ServerOptions<Record<string, unknown>, Connection>;
/** Facts about an operation, by its context. */
type Costs = WeakMap<RequestInfo, CostReport>;
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
export function socketHooks(parts: OperationParts): Hooks {
  /** By the operation's context. */
  const operations = new WeakMap<object, SocketOperation>();
  const costs: Costs = new WeakMap();
  const formatAll = (ctx: SocketContext, id: string, errors: readonly GraphQLError[]) => {
    const requestId = ctx.extra.requestIds.get(id) ?? newId();
    return limitErrors(errors.map((error) => parts.formatError(error, requestId)));
  };
  return {
    connectionInitWaitTimeout: parts.limits.socket.initTimeoutMs,
    onConnect: (ctx) => ctx.extra.admit(ctx.connectionParams),
    onSubscribe: (ctx, id, payload) => {
      const requestId = newId();
      ctx.extra.requestIds.set(id, requestId);
      try {
        checkOperationCount(ctx, parts.limits.socket.maxOperations);
        const prepared = prepare(parts, payload, { requestId, actor: ctx.extra.actor }, costs);
        if ("contextValue" in prepared) operations.set(prepared.contextValue as RequestInfo, { ctx, id });
        return prepared;
      } catch (error) {
        return [asGraphQLError(error)];
      }
    },
    subscribe: subscribing(parts, (args) => operations.get(contextOf(args))!.ctx.extra),
    execute: (args) =>
      runWithDeadline(
        args as ExecutionArgs,
        parts,
        operations.get(contextOf(args))!,
        costs.get(contextOf(args)),
      ),
    onDisconnect: (ctx) => ctx.extra.running.forEach(({ ended }) => ended.abort()),
    onNext: (ctx, id, _payload, args, result) => {
      const cost = costs.get(contextOf(args));
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

/** Runs subscriptions within the limits. */
function subscribing(
  { replies, subscriptionLimits }: OperationParts,
  connectionOf: (args: ExecutionArgs) => Connection,
): NonNullable<Hooks["subscribe"]> {
  const shared = new SharedExecutions(replies);
  const quota = new Quota(subscriptionLimits);
  return (args) => {
    const { actor, network } = connectionOf(args as ExecutionArgs);
    const token = actor === null ? {} : { perToken: actor };
    const taken = quota.take({ total: "", perAddress: network, ...token });
    if (typeof taken === "function") return shared.subscribe(args as ExecutionArgs, actor, taken);
    const message = quotaMessage("subscriptions", "LOVAGE_SUBSCRIPTION_LIMITS", taken);
    return { errors: [new GraphQLError(message, { extensions: { code: "SUBSCRIPTION_LIMIT" } })] };
  };
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

interface Payload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

function prepare(
  parts: OperationParts,
  payload: Payload,
  info: RequestInfo,
  costs: Costs,
): ExecutionArgs | readonly GraphQLError[] {
  checkVariables(payload.variables);
  const document = readDocument(parts.documents, payload.query);
  const invalid = parts.documents.validate(document);
  if (invalid.length > 0) return invalid.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED"));
  const operation = findOperation(document, payload.operationName);
  const contextValue = parts.createContext(info);
  costs.set(contextValue, parts.costs.check(document, operation, payload.variables));
  checkLargeVariables(parts.schema, operation, payload.variables);
  return {
    schema: parts.schema,
    document,
    operationName: payload.operationName ?? null,
    variableValues: payload.variables ?? null,
    contextValue,
  };
}

function readDocument(documents: Documents, query: string): DocumentNode {
  let read: ReturnType<Documents["read"]>;
  try {
    read = documents.read(query);
  } catch (error) {
    throw withCode(asGraphQLError(error), "GRAPHQL_PARSE_FAILED");
  }
  if ("code" in read) throw new HttpRefusal(400, read.code, read.message);
  return read;
}

function findOperation(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (operation) return operation;
  const message = name ? `Unknown operation named "${name}".` : "Must provide operation name.";
  throw new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } });
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
  { scope, limits, replies }: Pick<OperationParts, "scope" | "limits" | "replies">,
  { ctx, id }: SocketOperation,
  cost: CostReport | undefined,
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
        const asked = { operation, cost: cost?.requested ?? 0 };
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

function asGraphQLError(thrown: unknown): GraphQLError {
  if (thrown instanceof GraphQLError) return thrown;
  if (thrown instanceof HttpRefusal) {
    return new GraphQLError(thrown.message, { extensions: { code: thrown.code } });
  }
  const originalError = toError(thrown);
  return new GraphQLError(originalError.message, { originalError });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions, code },
  });
}
