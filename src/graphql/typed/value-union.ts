import { type GraphQLObjectType, GraphQLUnionType } from "graphql";
import type { Json } from "../../lib/json/json.ts";
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

/** A kind of values of a definition, such as its outputs. */
interface PlannedValue {
  /** Name of the definition. */
  readonly task: string;
  /** The kind among all values of the union. */
  readonly key: string;
  /** Null for values without a type. */
  readonly plan: StoredPlan | null;
}

export interface ValueUnionOptions {
  readonly name: string;
  readonly description: string;
  readonly values: readonly PlannedValue[];
  readonly types: StoredTypes;
  readonly untyped: GraphQLObjectType;
}

/** The stored values of one kind of all definitions: a union with a type for each schema. */
export class ValueUnion {
  readonly type: GraphQLUnionType;
  readonly #plans: ReadonlyMap<string, StoredPlan>;

  /** @throws DefinitionError for a name that another type has */
  constructor({ name, description, values, types, untyped }: ValueUnionOptions) {
    const plans = new Map<string, StoredPlan>();
    // Two definitions may share a type.
    const members = new Set<GraphQLObjectType>();
    for (const { task, key, plan } of values) {
      if (plan === null) continue;
      plans.set(key, plan);
      members.add(types.objectOf(plan.object, task));
    }
    this.#plans = plans;
    this.type = new GraphQLUnionType({
      name,
      description,
      types: [...members, untyped],
      resolveType: (value: TypedValue) => value[TYPE],
    });
  }

  /** Returns the value to resolve for stored JSON; null for null. */
  valueOf(key: string, json: Json): TypedValue | null {
    if (json === null) return null;
    const plan = this.#plans.get(key);
    const value = plan?.isWrapped ? { value: json } : json;
    if (plan && isObject(value) && fits(plan.object, value))
      return { ...value, [TYPE]: plan.object.typeName };
    return { ...{ json }, [TYPE]: UNTYPED };
  }
}
