import type { Json, JsonObject } from "../../lib/json/json.ts";
import { graphqlStem } from "../../task/definition/names.ts";
import { enumNames } from "./enum-values.ts";

/** A union of objects that a constant distinguishes. */
export interface DiscriminatedUnion {
  /** The key of the constant. */
  readonly discriminator: string;
  readonly members: readonly {
    readonly constant: string;
    /** A GraphQL name for the constant. */
    readonly name: string;
  }[];
}

/**
 * Reads the branches of a union, with references resolved. Returns null if no constant
 * distinguishes them, and if the constants give no names.
 */
export function readDiscriminatedUnion(branches: readonly JsonObject[]): DiscriminatedUnion | null {
  const keys = Object.keys((branches[0]?.["properties"] ?? {}) as JsonObject);
  for (const discriminator of branches.every(isClosed) ? keys : []) {
    const constants = branches.flatMap((branch) => constantOf(branch, discriminator) ?? []);
    const names = constants.length === branches.length ? enumNames(constants) : null;
    if (names === null || new Set(constants.map(graphqlStem)).size < constants.length) continue;
    return { discriminator, members: Object.entries(names).map(([name, constant]) => ({ name, constant })) };
  }
  return null;
}

/**
 * Whether every member has a key besides the constant. As an input, a member is a field that is
 * named by the constant, and its value needs a field.
 */
export function haveMoreKeys(branches: readonly JsonObject[]): boolean {
  return branches.every((branch) => Object.keys(branch["properties"] as JsonObject).length > 1);
}

function isClosed({ type, properties, additionalProperties }: JsonObject): boolean {
  const isObject = type === "object" && typeof properties === "object";
  return isObject && (additionalProperties === undefined || additionalProperties === false);
}

/** Returns the one string that a required property may be; null for another property. */
function constantOf(branch: JsonObject, key: string): string | null {
  const { required } = branch;
  const properties = branch["properties"] as JsonObject;
  const property = Object.hasOwn(properties, key) ? (properties[key] as JsonObject) : undefined;
  if (!property || !Array.isArray(required) || !required.includes(key)) return null;
  const values = Array.isArray(property["enum"])
    ? (property["enum"] as readonly Json[])
    : [property["const"]];
  return values.length === 1 && typeof values[0] === "string" ? values[0] : null;
}
