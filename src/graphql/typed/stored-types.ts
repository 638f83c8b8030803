import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  type GraphQLNullableType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
  GraphQLUnionType,
  type GraphQLScalarType,
} from "graphql";
import type { JsonObject } from "../../lib/json/json.ts";
import { BigIntScalar, DateTimeScalar, JsonScalar } from "../scalars.ts";
import { ownValue } from "./fit.ts";
import { describeEnumValues } from "./enum-values.ts";
import type { NamedPlan, TypeNames } from "./type-names.ts";
import type { EnumPlan, FieldPlan, ObjectPlan, PlannedScalar, UnionPlan, ValuePlan } from "./value-plan.ts";

type NamedType = GraphQLObjectType | GraphQLUnionType | GraphQLEnumType;
type Field = GraphQLFieldConfig<JsonObject, unknown>;

const SCALARS: Readonly<Record<PlannedScalar, GraphQLScalarType>> = {
  String: GraphQLString,
  Boolean: GraphQLBoolean,
  ID: GraphQLID,
  Int: GraphQLInt,
  Float: GraphQLFloat,
  BigInt: BigIntScalar,
  DateTime: DateTimeScalar,
  JSON: JsonScalar,
};

/** Creates the GraphQL types of stored values. Their values are the stored JSON. */
export class StoredTypes {
  readonly #made = new Map<string, NamedType>();

  /** @param enumOf the enum that a typed mutation already gave the schema */
  constructor(
    private readonly names: TypeNames,
    private readonly enumOf: (name: string) => GraphQLEnumType | null,
  ) {}

  /** @throws DefinitionError for a name that another type has */
  objectOf(plan: ObjectPlan, task: string): GraphQLObjectType {
    return this.#once(plan, task, () => this.#makeObject(plan, task)) as GraphQLObjectType;
  }

  #once(plan: NamedPlan, task: string, make: () => NamedType): NamedType {
    this.names.claim(plan, task);
    const made = this.#made.get(plan.typeName) ?? make();
    this.#made.set(plan.typeName, made);
    return made;
  }

  #makeObject({ typeName, description, fields }: ObjectPlan, task: string): GraphQLObjectType {
    return new GraphQLObjectType({
      name: typeName,
      description,
      fields: Object.fromEntries(fields.map((field) => [field.name, this.#makeField(field, task)])),
    });
  }

  #makeField({ name, description, nullable, value }: FieldPlan, task: string): Field {
    return {
      description,
      type: orNull(this.#typeOf(value, task), nullable),
      // Not the default resolver: objects inherit keys, and replies count the bytes of resolvers.
      resolve: (object) => ownValue(object, name) ?? null,
    };
  }

  #typeOf(value: ValuePlan, task: string): GraphQLNullableType & GraphQLOutputType {
    switch (value.kind) {
      case "scalar":
        return SCALARS[value.scalar];
      case "list":
        return new GraphQLList(orNull(this.#typeOf(value.item, task), value.itemNullable));
      case "enum":
        return this.#once(value, task, () => this.enumOf(value.typeName) ?? makeEnum(value));
      case "object":
        return this.objectOf(value, task);
      case "union":
        return this.#once(value, task, () => this.#makeUnion(value, task));
    }
  }

  #makeUnion({ typeName, description, discriminator, members }: UnionPlan, task: string): GraphQLUnionType {
    const names = new Map(members.map(({ constant, object }) => [constant, object.typeName]));
    return new GraphQLUnionType({
      name: typeName,
      description,
      types: members.map(({ object }) => this.objectOf(object, task)),
      resolveType: (value: JsonObject) => names.get(ownValue(value, discriminator) as string),
    });
  }
}

function orNull(type: GraphQLNullableType & GraphQLOutputType, nullable: boolean): GraphQLOutputType {
  return nullable ? type : new GraphQLNonNull(type);
}

function makeEnum({ typeName, description, values }: EnumPlan): GraphQLEnumType {
  const descriptions = describeEnumValues(values);
  return new GraphQLEnumType({
    name: typeName,
    description,
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { value, ...descriptions[name] }]),
    ),
  });
}
