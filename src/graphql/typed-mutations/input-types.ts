import type { GraphQLScalarType } from "graphql";
import { Field, Float, ID, InputType, Int, registerEnumType } from "type-graphql";
import { DefinitionError } from "../../errors.ts";
import { BigIntScalar, DateTimeScalar, JsonScalar } from "../scalars.ts";
import type { EnumPlan, FieldPlan, ObjectPlan, PlannedScalar, ValuePlan } from "./input-plan.ts";

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

interface MadeType {
  readonly task: string;
  readonly shape: string;
  readonly type: object;
}

/**
 * Creates type-graphql's classes and enums from plans. A type that two plans share by name and
 * shape is created once.
 */
export class InputTypes {
  readonly #made = new Map<string, MadeType>();

  /** @param reserved type names of the API itself */
  constructor(private readonly reserved: ReadonlySet<string>) {}

  /**
   * Returns the type of a plan.
   * @throws DefinitionError that names both tasks, if another type has the same name and a
   *   different shape
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
    }
  }

  #once(plan: EnumPlan | ObjectPlan, task: string, make: () => object): object {
    const { typeName } = plan;
    const shape = shapeOf(plan);
    const made = this.#made.get(typeName);
    if (made?.shape === shape) return made.type;
    if (made) throw twoShapes(typeName, made.task, task);
    if (this.reserved.has(typeName)) throw takenByApi(`type "${typeName}"`, task);
    const type = make();
    this.#made.set(typeName, { task, shape, type });
    return type;
  }

  #makeClass(plan: ObjectPlan, task: string): object {
    const target = newClass();
    for (const field of plan.fields) this.#addField(target.prototype, field, task);
    InputType(plan.typeName, { description: plan.description })(target);
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

/** Returns the part of a plan in which two uses of a type must be equal. */
function shapeOf(plan: ValuePlan): string {
  return JSON.stringify(plan, (key, value: unknown) => (key === "description" ? undefined : value));
}

function makeEnum({ typeName, description, values }: EnumPlan): object {
  const texts = Object.entries(values).map(([name, value]) => {
    const text =
      name === value
        ? `The value ${JSON.stringify(value)}.`
        : `The value ${JSON.stringify(value)} of the task's input.`;
    return [name, { description: text }];
  });
  const enumObject = { ...values };
  registerEnumType(enumObject, {
    name: typeName,
    description,
    valuesConfig: Object.fromEntries(texts) as object,
  });
  return enumObject;
}

function twoShapes(typeName: string, first: string, second: string): DefinitionError {
  const tasks =
    first === second
      ? `${JSON.stringify(first)} gives`
      : `${JSON.stringify(first)} and ${JSON.stringify(second)} give`;
  const subject = first === second ? "Task" : "Tasks";
  return new DefinitionError(
    `${subject} ${tasks} two different GraphQL types the name "${typeName}". Rename a task or a property of its input.`,
  );
}

export function takenByApi(what: string, task: string): DefinitionError {
  return new DefinitionError(
    `Task ${JSON.stringify(task)} would give the API a second ${what}. Rename the task.`,
  );
}
