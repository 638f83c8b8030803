import { findJsonProblem, INPUT_LIMITS } from "../../../lib/json/json.ts";
import { HttpRefusal } from "../errors/refusal.ts";

/** A well-formed GraphQL request. */
export interface GraphQLParams {
  /**
   * Absent only if the client names a document instead: by `documentId`, or as a persisted query,
   * which Apollo declines as specified.
   */
  readonly query: string | undefined;
  /** Hash of a trusted document. */
  readonly documentId: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Limits of all variables together. They are higher than those of one JSON value, which the engine
 * checks, because an array of inputs adds levels and keys. The size of the body limits the bytes.
 */
const VARIABLE_LIMITS = { ...INPUT_LIMITS, maxDepth: INPUT_LIMITS.maxDepth + 8, maxKeys: 200_000 };

/** Reads the parameters from a parsed body. Throws an HttpRefusal that names the wrong one. */
export function paramsFromBody(body: unknown): GraphQLParams {
  if (Array.isArray(body)) throw badRequest("Batched requests are disabled.");
  if (typeof body !== "object" || body === null) {
    throw badRequest(`body: expected a JSON object with "query", got ${kindOf(body)}.`);
  }
  const { query, documentId, operationName, variables, extensions, ...unknown } = body as Record<
    string,
    unknown
  >;
  return checked({ query, documentId, operationName, variables, extensions }, Object.keys(unknown));
}

/**
 * Reads the parameters from a URL's query string. Throws an HttpRefusal that names the wrong one.
 */
export function paramsFromSearch(search: URLSearchParams): GraphQLParams {
  const params = {
    query: single(search, "query"),
    documentId: single(search, "documentId"),
    operationName: single(search, "operationName"),
    variables: jsonOf("variables", single(search, "variables")),
    extensions: jsonOf("extensions", single(search, "extensions")),
  };
  return checked(params, []);
}

/**
 * Throws an HttpRefusal for variables that no resolver should receive: keys like `__proto__`, deep
 * nesting, invalid Unicode.
 */
export function checkVariables(variables: unknown): void {
  if (variables === undefined || variables === null) return;
  const problem = findJsonProblem(variables, VARIABLE_LIMITS);
  if (!problem) return;
  const message = `${["variables", ...problem.path].join(".")}: ${problem.message}. ${problem.hint}`;
  throw new HttpRefusal(400, "BAD_USER_INPUT", message);
}

function checked(
  params: Record<keyof GraphQLParams, unknown>,
  unknownKeys: readonly string[],
): GraphQLParams {
  const variables = recordOf("variables", params.variables);
  const extensions = recordOf("extensions", params.extensions);
  const documentId = textOf("documentId", params.documentId);
  checkVariables(variables);
  return {
    query: queryOf(params.query, documentId !== undefined || isPersisted(extensions), unknownKeys),
    documentId,
    operationName: textOf("operationName", params.operationName),
    variables,
    // Only Apollo reads them, to find persisted queries.
    extensions: isPersisted(extensions) ? { persistedQuery: extensions.persistedQuery } : undefined,
  };
}

function queryOf(query: unknown, isNamed: boolean, unknownKeys: readonly string[]): string | undefined {
  const text = textOf("query", query);
  if (text !== undefined && text.trim() !== "") return text;
  if (isNamed) return undefined;
  const found = unknownKeys.length > 0 ? ` (found "${unknownKeys[0]!.slice(0, 80)}")` : "";
  throw badRequest(`query: expected a GraphQL document, got none${found}.`);
}

function isPersisted(extensions: GraphQLParams["extensions"]): extensions is { persistedQuery: unknown } {
  return extensions?.persistedQuery !== undefined;
}

function single(search: URLSearchParams, name: string): string | undefined {
  const values = search.getAll(name);
  if (values.length > 1) throw badRequest(`"${name}" appears ${values.length} times; send it once.`);
  return values[0];
}

function jsonOf(name: string, text: string | undefined): unknown {
  if (text === undefined || text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`${name}: expected a JSON object in the URL, got invalid JSON.`);
  }
}

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw badRequest(`${name}: expected a string, got ${kindOf(value)}.`);
}

function recordOf(name: string, value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badRequest(`${name}: expected a JSON object, got ${kindOf(value)}.`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

function badRequest(message: string): HttpRefusal {
  return new HttpRefusal(400, "BAD_REQUEST", message);
}
