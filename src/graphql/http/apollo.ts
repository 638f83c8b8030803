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
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { toError } from "../../errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { CostLimiter, CostReport } from "../cost/cost-limiter.ts";
import { GRAPHQL_RESPONSE } from "./accept.ts";
import type { ErrorFormatter } from "./format-error.ts";
import { QUERY_LIMITS } from "./limits.ts";

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly production: boolean;
  readonly introspection: boolean;
  readonly costs: CostLimiter;
  readonly formatError: ErrorFormatter;
  readonly log: Logger;
}

/** Apollo Server set up for our routes: no landing page, no reporting to anybody, no batches, no persisted queries. */
export class Apollo {
  readonly #server: ApolloServer<object>;
  // Apollo's formatError is told only of the error, and runs before the reply is text.
  readonly #requestId = new AsyncLocalStorage<string>();

  constructor(options: ApolloOptions) {
    this.#server = new ApolloServer<object>({
      schema: options.schema,
      introspection: options.introspection,
      nodeEnv: options.production ? "production" : "development",
      includeStacktraceInErrorResponses: false,
      formatError: (formatted, error) => this.#format(options.formatError, formatted, error),
      parseOptions: { maxLexicalTokens: QUERY_LIMITS.maxTokens },
      csrfPrevention: true,
      allowBatchedHttpRequests: false,
      persistedQueries: false,
      stopOnTerminationSignals: false,
      stringifyResult: (result) => JSON.stringify(result),
      logger: apolloLog(options.log),
      plugins: [
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        ApolloServerPluginSchemaReportingDisabled(),
        ApolloServerPluginUsageReportingDisabled(),
        costPlugin(options.costs),
        statusPlugin,
      ],
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  execute(
    request: HTTPGraphQLRequest,
    requestId: string,
    createContext: () => object,
  ): Promise<HTTPGraphQLResponse> {
    return this.#requestId.run(requestId, () =>
      this.#server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: request,
        context: async () => createContext(),
      }),
    );
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
    return formatError(graphQLError, this.#requestId.getStore() ?? "");
  }
}

// What is wrong with a well-formed request's document, in Apollo's words.
const DOCUMENT_ERRORS: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_USER_INPUT",
]);
const PARTIAL_SUCCESS = 294;

/**
 * The status codes of the GraphQL-over-HTTP specification. `application/json` says 200 to every well-formed request, since
 * intermediaries speak that type too; `application/graphql-response+json` says 294 to data with errors. What an error asks for itself
 * (503 and when to try again) is for an operation that failed as a whole: one that answered in part is a success to HTTP.
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

/** Refuses operations that cost too much, and reports the cost of the others in `extensions.cost`. */
function costPlugin(costs: CostLimiter): ApolloServerPlugin {
  return {
    requestDidStart: async () => {
      let cost: CostReport | undefined;
      return {
        didResolveOperation: async ({ document, operation, request }) => {
          if (operation) cost = costs.check(document, operation, request.variables);
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
