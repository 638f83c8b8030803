import {
  defaultFieldResolver,
  getNullableType,
  type GraphQLField,
  GraphQLFloat,
  type GraphQLFieldResolver,
  GraphQLNonNull,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { DurationScalar } from "./scalars.ts";

/**
 * Adds to each field with a duration one with its number of seconds, for alerts and charts:
 * `latency` gets `latencySeconds`.
 */
export function addSecondsOfDurations(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    const fields = type.getFields();
    for (const field of Object.values(fields)) {
      if (getNullableType(field.type) !== DurationScalar) continue;
      const name = `${field.name}Seconds`;
      if (fields[name]) throw new Error(`The schema already has a field "${type.name}.${name}".`);
      fields[name] = secondsOf(field, name);
    }
  }
}

function secondsOf(field: GraphQLField<unknown, unknown>, name: string): GraphQLField<unknown, unknown> {
  const read = field.resolve ?? defaultFieldResolver;
  const resolve: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
    const asDuration: GraphQLResolveInfo = { ...info, fieldName: field.name };
    const value: unknown = read(source, args, context, asDuration);
    return value instanceof Promise ? value.then(toSeconds) : toSeconds(value);
  };
  return {
    ...field,
    name,
    description: `Number of seconds in \`${field.name}\`.`,
    type: isNonNullType(field.type) ? new GraphQLNonNull(GraphQLFloat) : GraphQLFloat,
    resolve,
  };
}

/** Durations are milliseconds before they are serialized. */
function toSeconds(value: unknown): number | null {
  return typeof value === "number" ? value / 1_000 : null;
}
