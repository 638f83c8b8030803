import { toError } from "../../../lib/thrown.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  ApolloServer,
  type ApolloServerPlugin,
  type HTTPGraphQLRequest,
  type HTTPGraphQLResponse,
} from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import {
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationTypeNode,
} from "graphql";
import type { Release } from "../../../lib/async/semaphore.ts";
import type { ReplyBudget } from "../operations/reply-budget.ts";
import type { Logger } from "../../../lib/log/log.ts";
import type { CostLimiter, CostReport } from "../../cost/cost-limiter.ts";
import { GRAPHQL_RESPONSE } from "./accept.ts";
import { type ErrorFormatter, limitErrors } from "../errors/format-error.ts";
import { checkLargeVariables } from "../documents/large-variables.ts";
import { QUERY_LIMITS } from "../documents/query-limits.ts";
import { type OperationCaller, type Replies, withData } from "../operations/replies.ts";

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly production: boolean;
  readonly introspection: boolean;
  readonly costs: CostLimiter;
  readonly formatError: ErrorFormatter;
  readonly replies: Replies;
  readonly log: Logger;
}

/** Facts about a request that Apollo's hooks need and do not receive. */
interface Exchange extends OperationCaller {
  readonly requestId: string;
  readonly reply: ReplyBudget;
  /** The reply's body, if it is not Apollo's string. */
  body?: Buffer;
  refusal?: GraphQLError;
  /** Called when the reply is complete. */
  leave?: Release;
}

export interface ApolloReply {
  readonly head: Pick<HTTPGraphQLResponse, "status" | "headers">;
  readonly body: string | Buffer;
}

/**
 * Apollo Server, configured for our routes: no landing page, no usage reporting, no batches, no
 * persisted queries.
 */
export class Apollo {
  readonly #server: ApolloServer<object>;
  readonly #exchange = new AsyncLocalStorage<Exchange>();
  readonly #replies: Replies;

  constructor(options: ApolloOptions) {
    this.#replies = options.replies;
    this.#server = new ApolloServer<object>({
      schema: options.schema,
      introspection: options.introspection,
      nodeEnv: options.production ? "production" : "development",
      includeStacktraceInErrorResponses: false,
      formatError: (formatted, error) => this.#format(options.formatError, formatted, error),
      parseOptions: { maxLexicalTokens: QUERY_LIMITS.maxTokens },
      // HostPolicy refuses requests of other sites' pages, and GET has no side effects.
      csrfPrevention: false,
      allowBatchedHttpRequests: false,
      persistedQueries: false,
      stopOnTerminationSignals: false,
      stringifyResult: (result) => this.#stringify(result),
      logger: apolloLog(options.log),
      plugins: [
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        ApolloServerPluginSchemaReportingDisabled(),
        ApolloServerPluginUsageReportingDisabled(),
        costPlugin(options, (operation, cost) => this.#admit(operation, cost)),
        statusPlugin,
        errorsPlugin,
      ],
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** @throws GraphQLError if the reply is too large */
  async execute(
    request: HTTPGraphQLRequest,
    caller: Pick<Exchange, "requestId" | "reply" | "network" | "ended">,
    createContext: () => object,
  ): Promise<ApolloReply> {
    const exchange: Exchange = { ...caller };
    const run = () =>
      this.#server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: request,
        context: async () => createContext(),
      });
    const response = await this.#exchange.run(exchange, run).finally(() => exchange.leave?.());
    if (exchange.refusal) throw exchange.refusal;
    // Apollo sends parts only to clients that accept multipart/mixed, and we never pass that header
    // to it.
    if (response.body.kind !== "complete") throw new Error("Apollo answered in pieces.");
    return { head: response, body: exchange.body ?? response.body.string };
  }

  async #admit(operation: OperationTypeNode, cost: number): Promise<void> {
    const exchange = this.#exchange.getStore()!;
    exchange.leave = await this.#replies.admit({ operation, cost }, exchange);
  }

  /** Serializes a large result to bytes, in slices. Apollo receives an empty string. */
  async #stringify(result: FormattedExecutionResult): Promise<string> {
    const exchange = this.#exchange.getStore();
    const refusal = exchange ? await this.#replies.prepare(result, exchange.reply) : null;
    const data = this.#replies.textOf(result);
    if (refusal) exchange!.refusal = refusal;
    else if (data) exchange!.body = withData(result, data);
    else {
      const text = JSON.stringify(result);
      const bytes = Buffer.byteLength(text);
      if (bytes <= this.#replies.maxBytes) return text;
      if (exchange) exchange.refusal = exchange.reply.refuse();
    }
    return "";
  }

  #format(
    formatError: ErrorFormatter,
    formatted: GraphQLFormattedError,
    error: unknown,
  ): GraphQLFormattedError {
    const graphQLError =
      error instanceof GraphQLError
        ? error
        : new GraphQLError(formatted.message, { originalError: toError(error) });
    return formatError(graphQLError, this.#exchange.getStore()?.requestId ?? "");
  }
}

// Apollo's codes for errors in the document of a well-formed request.
const DOCUMENT_ERRORS: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_USER_INPUT",
]);
const PARTIAL_SUCCESS = 294;

/**
 * Returns the status code by the GraphQL-over-HTTP specification. With `application/json` every
 * well-formed request gets 200, since intermediaries use that type too. With
 * `application/graphql-response+json` data with errors gets 294. The status of an error itself
 * (503, with the time to retry) applies only if the whole operation failed: a partial result is a
 * success in HTTP.
 */
const statusPlugin: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response }) => {
      if (response.body.kind !== "single") return;
      const { data, errors } = response.body.singleResult;
      if (!errors || errors.length === 0) return;
      const { http } = response;
      const asGraphQL = request.http?.headers.get("accept") === GRAPHQL_RESPONSE;
      if (data) {
        http.status = asGraphQL ? PARTIAL_SUCCESS : 200;
        http.headers.delete("retry-after");
      } else if (asGraphQL) {
        if (data === null) http.status ??= PARTIAL_SUCCESS;
      } else if (errors.every((error) => DOCUMENT_ERRORS.has(error.extensions?.code))) {
        http.status = 200;
      }
    },
  }),
};

/** Limits the number of errors in a reply. */
const errorsPlugin: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { body } }) => {
      if (body.kind === "single" && body.singleResult.errors)
        body.singleResult.errors = limitErrors(body.singleResult.errors);
    },
  }),
};

/** Refuses operations that cost too much. Reports the cost of the others in `extensions.cost`. */
function costPlugin(
  { costs, schema }: Pick<ApolloOptions, "costs" | "schema">,
  admit: (operation: OperationTypeNode, cost: number) => Promise<void>,
): ApolloServerPlugin {
  return {
    requestDidStart: async () => {
      let cost: CostReport | undefined;
      return {
        didResolveOperation: async ({ document, operation, request }) => {
          if (!operation) return;
          cost = costs.check(document, operation, request.variables);
          checkLargeVariables(schema, operation, request.variables);
          await admit(operation.operation, cost.requested);
        },
        willSendResponse: async ({ response: { body } }) => {
          if (!cost || body.kind !== "single") return;
          body.singleResult.extensions = { ...body.singleResult.extensions, cost };
        },
      };
    },
  };
}

function apolloLog(log: Logger): Record<"debug" | "info" | "warn" | "error", (message?: unknown) => void> {
  return {
    debug: (message) => log.debug(String(message)),
    info: (message) => log.debug(String(message)),
    warn: (message) => log.warn(String(message)),
    error: (message) => log.error(String(message)),
  };
}
