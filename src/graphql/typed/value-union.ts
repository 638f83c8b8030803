import { type GraphQLObjectType, GraphQLUnionType } from "graphql";
import type { Json } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { fits } from "./fit.ts";
import { isObject } from "./json-schema.ts";
import type { StoredPlan } from "./plan-output.ts";
import type { StoredTypes } from "./stored-types.ts";

/** Key of the name of a value's type. A symbol: JSON cannot hold it. */
const TYPE = Symbol("the name of the GraphQL type");

/** A stored value with the name of its type in a union. */
interface TypedValue {
  readonly [TYPE]: string;
}

/** Name of the type of values that no definition describes. */
export const UNTYPED = "UntypedValue";

export interface ValueUnionOptions {
  readonly name: string;
  readonly description: string;
  readonly definitions: readonly AnyTaskDefinition[];
  /** Plans the values of a definition. Null for values without a type. */
  readonly plan: (definition: AnyTaskDefinition) => StoredPlan | null;
  readonly types: StoredTypes;
  readonly untyped: GraphQLObjectType;
}

/** The stored values of all definitions: a union with a type for each definition with a schema. */
export class ValueUnion {
  readonly type: GraphQLUnionType;
  /** By the name of the definition. */
  readonly #plans: ReadonlyMap<string, StoredPlan>;

  /** @throws DefinitionError for a name that another type has */
  constructor({ name, description, definitions, plan, types, untyped }: ValueUnionOptions) {
    const planned = definitions.flatMap((definition): [string, StoredPlan][] => {
      const stored = plan(definition);
      return stored ? [[definition.name, stored]] : [];
    });
    this.#plans = new Map(planned);
    // Two definitions may share a type.
    const members = new Set(planned.map(([task, { object }]) => types.objectOf(object, task)));
    this.type = new GraphQLUnionType({
      name,
      description,
      types: [...members, untyped],
      resolveType: (value: TypedValue) => value[TYPE],
    });
  }

  /** Returns the value to resolve for stored JSON; null for null. */
  valueOf(task: string, json: Json): TypedValue | null {
    if (json === null) return null;
    const plan = this.#plans.get(task);
    const value = plan?.isWrapped ? { value: json } : json;
    if (plan && isObject(value) && fits(plan.object, value))
      return { ...value, [TYPE]: plan.object.typeName };
    return { ...{ json }, [TYPE]: UNTYPED };
  }
}
