import type { GraphQLScalarType } from "graphql";
import { Field, Float, ID, InputType, Int, registerEnumType } from "type-graphql";
import { BigIntScalar, DateTimeScalar, JsonScalar } from "../scalars.ts";
import { describeEnumValues } from "./enum-values.ts";
import type { NamedPlan, TypeNames } from "./type-names.ts";
import {
  type EnumPlan,
  type FieldPlan,
  type ObjectPlan,
  type PlannedScalar,
  type UnionPlan,
  type ValuePlan,
  withoutConstant,
} from "./value-plan.ts";

/**
 * A type for type-graphql's decorators: a scalar, a class, an enum's object, or an array of one of
 * these.
 */
export type TypeReference = object | readonly TypeReference[];

const SCALARS: Readonly<Record<PlannedScalar, GraphQLScalarType | typeof String | typeof Boolean>> = {
  String,
  Boolean,
  ID,
  Int,
  Float,
  BigInt: BigIntScalar,
  DateTime: DateTimeScalar,
  JSON: JsonScalar,
};

/**
 * Creates type-graphql's classes and enums from plans. A type that two plans share by name and
 * shape is created once.
 */
export class InputTypes {
  readonly #made = new Map<string, object>();
  readonly #oneOfs: string[] = [];

  constructor(private readonly names: TypeNames) {}

  /** Names of the inputs of which exactly one field must be given. */
  get oneOfs(): readonly string[] {
    return this.#oneOfs;
  }

  /**
   * Returns the type of a plan.
   * @throws DefinitionError for a name that another type has
   */
  typeOf(value: ValuePlan, task: string): TypeReference {
    switch (value.kind) {
      case "scalar":
        return SCALARS[value.scalar];
      case "list":
        return [this.typeOf(value.item, task)];
      case "enum":
        return this.#once(value, task, () => makeEnum(value));
      case "object":
        return this.#once(value, task, () => this.#makeClass(value, task));
      case "union":
        return this.#once(value, task, () => this.#makeOneOf(value, task));
    }
  }

  #once(plan: NamedPlan, task: string, make: () => object): object {
    this.names.claim(plan, task);
    const made = this.#made.get(plan.typeName) ?? make();
    this.#made.set(plan.typeName, made);
    return made;
  }

  #makeClass(plan: ObjectPlan, task: string): object {
    const target = newClass();
    for (const field of plan.fields) this.#addField(target.prototype, field, task);
    InputType(plan.typeName, { description: plan.description })(target);
    return target;
  }

  /** An input with one field for each member. type-graphql has no option for it: see `oneOfs`. */
  #makeOneOf(plan: UnionPlan, task: string): object {
    const target = newClass();
    for (const member of plan.members) {
      const value = withoutConstant(plan, member);
      const field = { name: member.name, description: value.description, nullable: true, value };
      this.#addField(target.prototype, field, task);
    }
    InputType(plan.typeName, { description: plan.description })(target);
    this.#oneOfs.push(plan.typeName);
    return target;
  }

  #addField(
    prototype: object,
    { name, description, nullable, value, defaultValue }: FieldPlan,
    task: string,
  ): void {
    const type = this.typeOf(value, task);
    const itemsMayBeNull = value.kind === "list" && value.itemNullable;
    const options = {
      description,
      nullable: itemsMayBeNull ? (nullable ? ("itemsAndList" as const) : ("items" as const)) : nullable,
      ...(defaultValue === undefined ? {} : { defaultValue }),
    };
    Field(() => type as never, options)(prototype, name);
  }
}

/** Returns a new class for type-graphql's metadata. */
export function newClass(): new () => object {
  // oxlint-disable-next-line typescript/no-extraneous-class -- its members are declared by decorators
  return class {};
}

function makeEnum({ typeName, description, values }: EnumPlan): object {
  const enumObject = { ...values };
  registerEnumType(enumObject, { name: typeName, description, valuesConfig: describeEnumValues(values) });
  return enumObject;
}
