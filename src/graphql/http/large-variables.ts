import {
  coerceInputValue,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
} from "graphql";

/** Characters and keys up to which a value may be quoted for each mistake in it. */
const QUOTABLE = 10_000;
/** Mistakes after which graphql-js stops to look for more. */
const MAX_MISTAKES = 50;

class Stop extends Error {}

/**
 * Refuses a variable with a large value that does not fit its type. graphql-js quotes an object once for each mistake in it: one object with
 * 80,000 keys that its type does not define kept the event loop busy for seconds. The mistakes of small values are left to graphql-js, which
 * finds all of them.
 *
 * @throws GraphQLError about the first mistake in a large value
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

/** Ends as graphql-js' own message does, with "; " and the reason. */
function refusal(
  node: VariableDefinitionNode,
  path: readonly (string | number)[],
  error: GraphQLError,
): GraphQLError {
  const name = node.variable.name.value;
  const keys = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  const place = keys === "" ? "" : ` at "${name}${keys}"`;
  return new GraphQLError(`Variable "$${name}" got an invalid value${place}; ${error.message}`, {
    nodes: node,
    originalError: error,
    extensions: { code: "BAD_USER_INPUT" },
  });
}

function isLarge(value: unknown): boolean {
  return restOf(value, QUOTABLE) < 0;
}

/** What is left of a budget of characters and keys; below zero as soon as it does not suffice. */
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
