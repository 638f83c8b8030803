import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type DocumentNode,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  valueFromASTUntyped,
} from "graphql";
import { type Arguments, ASSUMED_LIST_SIZE, type KnownSizes, ruleOf } from "./field-rules.ts";
import type { CostWeights } from "../../task/limits/cost-weights.ts";

export interface CostModel {
  readonly schema: GraphQLSchema;
  readonly weights: CostWeights;
  readonly sizes: KnownSizes;
}

export interface OperationCost {
  /**
   * The cost in whole units, at most Number.MAX_SAFE_INTEGER. For a subscription, the cost of one
   * event.
   */
  readonly requested: number;
  /**
   * Returns the innermost field with at least half of the cost, else the costliest field of the
   * operation itself.
   */
  heaviest(): CostShare;
}

interface CostShare {
  /** The path in response keys: `["tasks", "nodes", "definition", "runs"]`. */
  readonly path: readonly string[];
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Computes the cost of an operation of a valid document, before it runs. Each selection set is
 * measured once per type that it is selected on, however often its fragment is spread: the work is
 * linear in the document. Repeated fields count repeatedly.
 */
export function costOfOperation(
  model: CostModel,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Variables | null | undefined,
): OperationCost {
  const root = model.schema.getRootType(operation.operation);
  if (!root) throw new Error(`The schema has no ${operation.operation}.`);
  const meter = new Meter(model, fragmentsOf(document), variablesOf(operation, given ?? {}));
  const total = costOf(meter.ofSet(operation.selectionSet, root), ASSUMED_LIST_SIZE);
  return {
    requested: toUnits(total),
    heaviest: () => meter.heaviest(operation.selectionSet, root, total),
  };
}

/**
 * The cost of a selection set on one object. `perItem` is multiplied by the list size that the
 * field above determines.
 */
interface Cost {
  readonly fixed: number;
  readonly perItem: number;
}

const NOTHING: Cost = { fixed: 0, perItem: 0 };

/** One field of a selection set. */
interface FieldCost extends Cost {
  readonly key: string;
  /** Number of objects for one object above. Null if the field above determines it. */
  readonly items: number | null;
  /** The list size that the field determines for the lists below it. */
  readonly sizeBelow: number;
  readonly below: readonly (readonly [SelectionSetNode, GraphQLObjectType])[];
}

class Meter {
  readonly #known = new Map<SelectionSetNode, Map<GraphQLObjectType, Cost>>();

  constructor(
    private readonly model: CostModel,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly variables: Variables,
  ) {}

  ofSet(set: SelectionSetNode, type: GraphQLObjectType): Cost {
    const known = this.#known.get(set) ?? new Map<GraphQLObjectType, Cost>();
    this.#known.set(set, known);
    const before = known.get(type);
    if (before) return before;
    // A fragment that is met again while it is measured is in a cycle, which validation refuses.
    known.set(type, NOTHING);
    const sum = { fixed: 0, perItem: 0 };
    for (const selection of set.selections) {
      const { fixed, perItem } = this.#ofSelection(selection, type);
      sum.fixed += fixed;
      sum.perItem += perItem;
    }
    known.set(type, sum);
    return sum;
  }

  /** Follows the costliest field of each level down while it has at least half of the total. */
  heaviest(set: SelectionSetNode, type: GraphQLObjectType, total: number): CostShare {
    let share: CostShare = { path: [], cost: total };
    let [times, size] = [1, ASSUMED_LIST_SIZE];
    let level: FieldCost["below"] = [[set, type]];
    for (;;) {
      const seen = new Set<SelectionSetNode>();
      const fields = level.flatMap(([below, on]) => this.#fieldsOf(below, on, seen));
      const [most] = fields.toSorted((a, b) => costOf(b, size) - costOf(a, size));
      if (!most) break;
      const cost = times * costOf(most, size);
      if (share.path.length > 0 && cost * 2 < total) break;
      share = { path: [...share.path, most.key], cost };
      times *= most.items ?? size;
      ({ below: level, sizeBelow: size } = most);
    }
    return { ...share, cost: toUnits(share.cost) };
  }

  #ofSelection(selection: SelectionNode, type: GraphQLObjectType): Cost {
    if (!this.#isIncluded(selection)) return NOTHING;
    if (selection.kind === Kind.FIELD) return this.#ofField(selection, type);
    const set = this.#setOf(selection, type);
    return set ? this.ofSet(set, type) : NOTHING;
  }

  /** Returns the selection set of a fragment that applies to the type. */
  #setOf(
    selection: Exclude<SelectionNode, FieldNode>,
    type: GraphQLObjectType,
  ): SelectionSetNode | undefined {
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
    const condition = fragment?.typeCondition?.name.value;
    if (condition === undefined || condition === type.name) return fragment?.selectionSet;
    const wanted = this.model.schema.getType(condition);
    const applies = isAbstractType(wanted) && this.model.schema.isSubType(wanted, type);
    return applies ? fragment?.selectionSet : undefined;
  }

  #ofField(node: FieldNode, parent: GraphQLObjectType): FieldCost {
    const field = this.#definitionOf(node, parent);
    const { weights, sizes } = this.model;
    const isIntrospection = parent.name.startsWith("__") || node.name.value.startsWith("__");
    const own = isIntrospection ? weights.introspection : weights.field;
    const key = (node.alias ?? node.name).value;
    if (!field) return { key, fixed: own, perItem: 0, items: 1, sizeBelow: ASSUMED_LIST_SIZE, below: [] };
    const rule = ruleOf(parent.name, node.name.value);
    const args = argumentsOf(node, field, this.variables);
    const charges = rule.charges?.(args) ?? [];
    const charged = charges.reduce((sum, [name, times]) => sum + weights[name] * times, own);
    const size = rule.size?.(args, sizes) ?? ASSUMED_LIST_SIZE;
    const one = this.#below(node, field.type);
    const below = this.#setsBelow(node, field.type);
    if (rule.fromAbove) {
      const perItem = costOf(one, ASSUMED_LIST_SIZE);
      return { key, fixed: charged, perItem, items: null, sizeBelow: ASSUMED_LIST_SIZE, below };
    }
    const listed = isList(field.type);
    const [items, sizeBelow] = listed ? [size, ASSUMED_LIST_SIZE] : [1, size];
    return { key, fixed: charged + items * costOf(one, sizeBelow), perItem: 0, items, sizeBelow, below };
  }

  /** Returns the cost of one object of a field's type: of the costliest of its possible types. */
  #below(node: FieldNode, type: GraphQLOutputType): Cost {
    const costs = this.#setsBelow(node, type).map(([set, one]) => this.ofSet(set, one));
    return {
      fixed: Math.max(0, ...costs.map(({ fixed }) => fixed)),
      perItem: Math.max(0, ...costs.map(({ perItem }) => perItem)),
    };
  }

  #setsBelow({ selectionSet }: FieldNode, type: GraphQLOutputType): FieldCost["below"] {
    return selectionSet ? this.#typesOf(type).map((one) => [selectionSet, one]) : [];
  }

  #typesOf(type: GraphQLOutputType): readonly GraphQLObjectType[] {
    const named = getNamedType(type);
    if (isObjectType(named)) return [named];
    return isAbstractType(named) ? this.model.schema.getPossibleTypes(named) : [];
  }

  #definitionOf({ name }: FieldNode, parent: GraphQLObjectType): GraphQLField<unknown, unknown> | undefined {
    if (parent === this.model.schema.getQueryType()) {
      if (name.value === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name.value === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    return parent.getFields()[name.value];
  }

  #fieldsOf(set: SelectionSetNode, type: GraphQLObjectType, seen: Set<SelectionSetNode>): FieldCost[] {
    if (seen.has(set)) return [];
    seen.add(set);
    return set.selections.flatMap((selection) => {
      if (!this.#isIncluded(selection)) return [];
      if (selection.kind !== Kind.FIELD) {
        const inner = this.#setOf(selection, type);
        return inner ? this.#fieldsOf(inner, type, seen) : [];
      }
      return [this.#ofField(selection, type)];
    });
  }

  #isIncluded({ directives = [] }: SelectionNode): boolean {
    return directives.every(({ name, arguments: args = [] }) => {
      if (name.value !== "skip" && name.value !== "include") return true;
      const condition = args.find((argument) => argument.name.value === "if");
      const value = condition && valueFromASTUntyped(condition.value, this.variables);
      return name.value === "skip" ? value !== true : value !== false;
    });
  }
}

/** Returns the cost for a list size that the field above determines. */
function costOf({ fixed, perItem }: Cost, size: number): number {
  return fixed + perItem * size;
}

function toUnits(cost: number): number {
  return Math.min(Math.ceil(cost), Number.MAX_SAFE_INTEGER);
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition): [string, FragmentDefinitionNode][] =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
}

/** Returns the given variables, and the defaults of the others. */
function variablesOf({ variableDefinitions = [] }: OperationDefinitionNode, given: Variables): Variables {
  const values: Record<string, unknown> = {};
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (Object.hasOwn(given, name)) values[name] = given[name];
    else if (defaultValue) values[name] = valueFromASTUntyped(defaultValue);
  }
  return values;
}

/** Returns a field's arguments, with the schema's defaults for absent ones. */
function argumentsOf(
  { arguments: nodes = [] }: FieldNode,
  { args }: GraphQLField<unknown, unknown>,
  variables: Variables,
): Arguments {
  if (args.length === 0) return NO_ARGUMENTS;
  const values: Record<string, unknown> = {};
  for (const { name, defaultValue } of args) if (defaultValue !== undefined) values[name] = defaultValue;
  for (const { name, value } of nodes) {
    const read = valueFromASTUntyped(value, variables);
    // For an absent variable, the default applies.
    if (read !== undefined) values[name.value] = read;
  }
  return values;
}

const NO_ARGUMENTS: Arguments = {};
