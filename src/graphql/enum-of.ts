import { registerEnumType } from "type-graphql";

interface EnumDescriptions<Value extends string> {
  readonly name: string;
  readonly description: string;
  /** The description of each value. */
  readonly values: Readonly<Record<Value, string>>;
}

/** Registers a GraphQL enum whose values have the names of a domain type's values. */
export function enumOf<const Value extends string>(
  values: readonly Value[],
  { name, description, values: descriptions }: EnumDescriptions<Value>,
): Readonly<Record<Value, Value>> {
  const enumObject = Object.fromEntries(values.map((value) => [value, value])) as Record<Value, Value>;
  const valuesConfig = Object.fromEntries(
    values.map((value) => [value, { description: descriptions[value] }]),
  ) as Record<Value, { description: string }>;
  registerEnumType(enumObject, { name, description, valuesConfig });
  return enumObject;
}
