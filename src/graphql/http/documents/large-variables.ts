import {
  coerceInputValue,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
} from "graphql";

/** Maximum characters and keys of a value that may be quoted once for each error in it. */
const QUOTABLE = 10_000;
/** Number of errors after which graphql-js stops. */
const MAX_MISTAKES = 50;

class Stop extends Error {}

/**
 * Refuses a variable with a large value that does not fit its type. graphql-js quotes an object
 * once for each error in it: one object with 80,000 undefined keys blocked the event loop for
 * seconds. Errors of small values are left to graphql-js, which finds all of them.
 *
 * @throws GraphQLError about the first error in a large value
 */
export function checkLargeVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  for (const node of variableDefinitions) {
    const value = variables?.[node.variable.name.value];
    if (isLarge(value)) checkLarge(schema, node, value);
  }
}

function checkLarge(schema: GraphQLSchema, node: VariableDefinitionNode, value: unknown): void {
  const type = typeFromAST(schema, node.type);
  if (!isInputType(type)) return;
  let mistakes = 0;
  try {
    coerceInputValue(value, type, (path, invalid, error) => {
      if (isLarge(invalid)) throw refusal(node, path, error);
      mistakes += 1;
      if (mistakes > MAX_MISTAKES) throw new Stop();
    });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
}

/** Returns an error that ends like that of graphql-js: with "; " and the reason. */
function refusal(
  node: VariableDefinitionNode,
  path: readonly (string | number)[],
  error: GraphQLError,
): GraphQLError {
  const name = node.variable.name.value;
  const keys = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  const at = keys === "" ? "" : ` at "${name}${keys}"`;
  return new GraphQLError(`Variable "$${name}" got an invalid value${at}; ${error.message}`, {
    nodes: node,
    originalError: error,
    extensions: { code: "BAD_USER_INPUT" },
  });
}

function isLarge(value: unknown): boolean {
  return restOf(value, QUOTABLE) < 0;
}

/**
 * Returns the rest of a budget of characters and keys. It is negative if the budget is too small.
 */
function restOf(value: unknown, budget: number): number {
  if (typeof value === "string") return budget - value.length;
  if (typeof value !== "object" || value === null) return budget;
  let rest = budget;
  for (const key in value) {
    rest = restOf((value as Readonly<Record<string, unknown>>)[key], rest - key.length - 1);
    if (rest < 0) break;
  }
  return rest;
}
