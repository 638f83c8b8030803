import {
  type ASTNode,
  getNamedType,
  getNullableType,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  Kind,
  parse,
  type Source,
  typeFromAST,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { REDACTED } from "../../../task/sensitive/sensitive.ts";
import { isSensitiveField, mayHoldSensitive } from "../../sensitive-fields.ts";

/** The parts of a document that contain or may contain sensitive values. */
interface SensitiveParts {
  /** The values of these parts, with their positions and expected types. */
  readonly values: readonly { readonly start: number; readonly end: number; readonly type: string }[];
  /** Variables with such values, and their types. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Rewords errors about sensitive values. GraphQL quotes a value that does not fit its type. If a
 * variable is an object, it quotes all of it: the password too, if only the user is missing.
 */
export class UnquotedValues {
  readonly #parts = new WeakMap<Source, SensitiveParts>();

  constructor(private readonly schema: GraphQLSchema) {}

  /**
   * Returns the message of an error. A value that is or may contain a sensitive one is removed from
   * it.
   */
  reword(error: GraphQLError): string {
    const node = error.nodes?.[0];
    if (error.message.startsWith("Syntax Error: ")) return withoutStrings(error.message);
    if (!node || !error.source) return error.message;
    const parts = this.#partsOf(error.source);
    if (node.kind === Kind.VARIABLE_DEFINITION) return this.#ofVariable(error, node, parts);
    const { start = -1 } = node.loc ?? {};
    const part = parts.values.find((value) => value.start <= start && start < value.end);
    return part && isValueNode(node) && quotes(error.message)
      ? `Expected a value of type ${part.type}, got ${REDACTED}.`
      : error.message;
  }

  #ofVariable(error: GraphQLError, node: VariableDefinitionNode, parts: SensitiveParts): string {
    const reason = error.originalError?.message;
    if (reason === undefined || !error.message.endsWith(`; ${reason}`)) return error.message;
    const name = node.variable.name.value;
    // The value comes before its path, which quotes strings too.
    const path = / at "([\w.[\]]+)"$/.exec(error.message.slice(0, -reason.length - 2))?.[1];
    const here = `Variable "$${name}" got an invalid value${path === undefined ? "" : ` at "${path}"`}`;
    const found = this.#typeOf(node, path);
    const expected = parts.variables.get(name) ?? (found?.sensitive ? String(found.type) : null);
    if (expected !== null) return `${here}: expected ${expected}, got ${REDACTED}.`;
    return found && mayHoldSensitive(found.type) ? `${here}: ${reason}` : error.message;
  }

  #typeOf(node: VariableDefinitionNode, path: string | undefined): Found | null {
    const type = typeFromAST(this.schema, node.type);
    return isInputType(type) ? typeAt(type, keysOf(path)) : null;
  }

  #partsOf(source: Source): SensitiveParts {
    const known = this.#parts.get(source);
    if (known) return known;
    const found = findSensitiveParts(this.schema, source);
    this.#parts.set(source, found);
    return found;
  }
}

function findSensitiveParts(schema: GraphQLSchema, source: Source): SensitiveParts {
  const values: SensitiveParts["values"][number][] = [];
  const variables = new Map<string, string>();
  const info = new TypeInfo(schema);
  const note = (node: ValueNode, type: string): void => {
    const { start, end } = node.loc!;
    values.push({ start, end, type });
    visit(node, { Variable: ({ name }) => void variables.set(name.value, type) });
  };
  const look = (node: ValueNode, sensitive: boolean): void => {
    const type = info.getInputType();
    if (!type) return;
    const isObject = node.kind === Kind.OBJECT || node.kind === Kind.LIST;
    const ofJson = isLeafType(getNamedType(type)) && mayHoldSensitive(type);
    if (sensitive || ofJson || (!isObject && node.kind !== Kind.VARIABLE && mayHoldSensitive(type)))
      note(node, String(type));
  };
  const document = parse(source, { noLocation: false });
  visit(
    document,
    visitWithTypeInfo(info, {
      Argument: ({ value }) => look(value, false),
      ObjectField: ({ name, value }) => {
        const parent = getNamedType(info.getParentInputType());
        look(value, isInputObjectType(parent) && isSensitiveField(parent.getFields()[name.value]));
      },
    }),
  );
  visit(document, {
    VariableDefinition: ({ variable, defaultValue }) => {
      const type = variables.get(variable.name.value);
      if (type !== undefined && defaultValue) note(defaultValue, type);
    },
  });
  return { values, variables };
}

interface Found {
  readonly type: GraphQLInputType;
  /** Whether it is sensitive, or within a sensitive value. */
  readonly sensitive: boolean;
}

/** The type at a path in a value. */
function typeAt(root: GraphQLInputType, keys: readonly string[]): Found {
  let [type, sensitive] = [root, false];
  for (const key of keys) {
    const bare = getNullableType(type);
    if (isListType(bare)) type = bare.ofType as GraphQLInputType;
    else if (isInputObjectType(bare)) {
      const field = bare.getFields()[key];
      if (!field) return { type, sensitive };
      sensitive ||= isSensitiveField(field);
      type = field.type;
    } else return { type, sensitive };
  }
  return { type, sensitive };
}

/** Returns a path such as `input.cards[0].pin` without the variable's name. */
function keysOf(path: string | undefined): string[] {
  return path === undefined
    ? []
    : path
        .split(/[.[\]]+/)
        .filter((key) => key !== "")
        .slice(1);
}

function isValueNode({ kind }: ASTNode): boolean {
  return kind.endsWith("Value") || kind === Kind.VARIABLE;
}

/**
 * Whether a message of graphql-js or of a scalar quotes a value. Other messages name only fields
 * and types.
 */
function quotes(message: string): boolean {
  return !/^Field "|^Cannot query|^Variable "\$\w+" (?:is not defined|of type)|^There can be only one/.test(
    message,
  );
}

/** Removes strings from a syntax error: a misplaced string may be a sensitive value. */
function withoutStrings(message: string): string {
  return message.replace(/((?:Block)?String) "[\s\S]*"(\.?)$/u, "$1$2");
}
