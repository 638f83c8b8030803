import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { LimitCode } from "../errors/refusal.ts";

/** Limits of a document. All but tokens are counted with all fragments expanded. */
export interface QueryLimits {
  readonly maxTokens: number;
  /** Maximum levels of fields. */
  readonly maxDepth: number;
  /**
   * Maximum levels of fields within `__schema` and `__type`. Introspection queries of common tools
   * have up to 15.
   */
  readonly maxIntrospectionDepth: number;
  readonly maxAliases: number;
  /** Maximum root fields of an operation, mutations included. */
  readonly maxRootFields: number;
  readonly maxDirectives: number;
}

export const QUERY_LIMITS = {
  maxTokens: 2_000,
  maxDepth: 12,
  maxIntrospectionDepth: 20,
  maxAliases: 30,
  maxRootFields: 20,
  maxDirectives: 20,
} as const satisfies QueryLimits;

export interface LimitProblem {
  readonly code: LimitCode;
  readonly message: string;
}

/**
 * Returns the first limit that a document exceeds, or null. It reads only the syntax, and each
 * definition once. So it is cheap for every document within `maxTokens`, and precedes the
 * validation, which is not cheap.
 */
export function findLimitProblem(document: DocumentNode, limits: QueryLimits): LimitProblem | null {
  const meter = new Meter(document);
  for (const definition of document.definitions) {
    // Unused fragments are not counted: validation refuses them.
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const cost = meter.costOf(definition.selectionSet);
    cost.directives += directivesOf(definition);
    for (const variable of definition.variableDefinitions ?? []) cost.directives += directivesOf(variable);
    const problem = rootProblem(cost, limits) ?? costProblem(cost, limits);
    if (problem) return problem;
  }
  return null;
}

interface Cost {
  depth: number;
  introspectionDepth: number;
  aliases: number;
  /** Number of fields of the selection set itself. */
  width: number;
  directives: number;
}

const NOTHING: Readonly<Cost> = { depth: 0, introspectionDepth: 0, aliases: 0, width: 0, directives: 0 };

class Meter {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #costs = new Map<string, Readonly<Cost>>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(definition.name.value, definition);
    }
  }

  costOf(selectionSet: SelectionSetNode): Cost {
    const sum = { ...NOTHING };
    for (const selection of selectionSet.selections) {
      const cost = this.#costOfSelection(selection);
      sum.depth = Math.max(sum.depth, cost.depth);
      sum.introspectionDepth = Math.max(sum.introspectionDepth, cost.introspectionDepth);
      sum.aliases += cost.aliases;
      sum.width += cost.width;
      sum.directives += cost.directives + directivesOf(selection);
    }
    return sum;
  }

  costOfFragment(name: string): Readonly<Cost> {
    const known = this.#costs.get(name);
    if (known) return known;
    const fragment = this.#fragments.get(name);
    if (!fragment) return NOTHING;
    // A fragment that is met again while it is measured is in a cycle. Validation refuses it.
    this.#costs.set(name, NOTHING);
    const cost = this.costOf(fragment.selectionSet);
    cost.directives += directivesOf(fragment);
    this.#costs.set(name, cost);
    return cost;
  }

  #costOfSelection(selection: SelectionNode): Readonly<Cost> {
    if (selection.kind === Kind.FIELD) return this.#costOfField(selection);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.costOf(selection.selectionSet);
    return this.costOfFragment(selection.name.value);
  }

  #costOfField(field: FieldNode): Readonly<Cost> {
    const cost = field.selectionSet ? this.costOf(field.selectionSet) : { ...NOTHING };
    cost.depth += 1;
    cost.width = 1;
    if (field.alias) cost.aliases += 1;
    // Only these root fields lead to the introspection types. Validation refuses them in
    // other types.
    if (field.name.value === "__schema" || field.name.value === "__type") {
      cost.introspectionDepth = Math.max(cost.introspectionDepth, cost.depth);
      cost.depth = 1;
    }
    return cost;
  }
}

function directivesOf(node: { readonly directives?: readonly unknown[] | undefined }): number {
  return node.directives?.length ?? 0;
}

function rootProblem(cost: Readonly<Cost>, limits: QueryLimits): LimitProblem | null {
  if (cost.width <= limits.maxRootFields) return null;
  const message = `${cost.width} root fields are over ${limits.maxRootFields}; send several requests, or use a mutation with an array argument, such as enqueueTasks.`;
  return { code: "ROOT_FIELD_LIMIT", message };
}

function costProblem(cost: Readonly<Cost>, limits: QueryLimits): LimitProblem | null {
  if (cost.depth > limits.maxDepth) {
    return { code: "DEPTH_LIMIT", message: `Query depth ${cost.depth} is over ${limits.maxDepth}.` };
  }
  if (cost.introspectionDepth > limits.maxIntrospectionDepth) {
    const message = `Introspection depth ${cost.introspectionDepth} is over ${limits.maxIntrospectionDepth}.`;
    return { code: "DEPTH_LIMIT", message };
  }
  if (cost.aliases > limits.maxAliases) {
    return { code: "ALIAS_LIMIT", message: `${cost.aliases} aliases are over ${limits.maxAliases}.` };
  }
  if (cost.directives > limits.maxDirectives) {
    return {
      code: "DIRECTIVE_LIMIT",
      message: `${cost.directives} directives are over ${limits.maxDirectives}.`,
    };
  }
  return null;
}
