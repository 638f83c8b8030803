import { show } from "../../lib/quote.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { isObject, resolveReference } from "../definition/json-schema.ts";
import type { SensitivePath } from "./sensitive.ts";

/** Keywords of JSON Schema whose schemas are about the value itself. */
const SAME_VALUE = ["allOf", "anyOf", "oneOf"] as const;

/**
 * Returns the paths of the sensitive fields of an input: those that the definition names, such as
 * `card.number` or `items.*.secret`, and those whose schema has `sensitive: true`. Adds a line to
 * `problems` for each path that does not exist.
 */
export function readSensitive(
  named: readonly string[] | undefined,
  schema: JsonObject | null,
  problems: string[],
): readonly SensitivePath[] {
  if (named !== undefined && !(Array.isArray(named) && named.every((path) => typeof path === "string"))) {
    problems.push(
      `sensitive: expected paths into the input, such as "card.number" or "items.*.secret", got ${show(named)}`,
    );
    return [];
  }
  const paths: SensitivePath[] = (named ?? []).map((path) => path.split("."));
  for (const path of paths) {
    if (path.includes("") || (schema && !leadsSomewhere(schema, path, schema)))
      problems.push(`sensitive: ${JSON.stringify(path.join("."))} is not a path into the input`);
  }
  if (schema) paths.push(...markedIn(schema, schema, [], [], problems));
  // Shorter ones first: what lies within a sensitive value is part of it.
  return [...new Map(paths.map((path) => [path.join("."), path])).values()].sort(
    (a, b) => a.length - b.length,
  );
}

/**
 * Refuses sensitive fields in a schema of what a task returns or throws. Results are stored, shown
 * and searched as they are: a mark there would promise what nothing keeps.
 *
 * @param option the name of the schema in problems
 */
export function refuseSensitive(option: string, schema: JsonObject | null, problems: string[]): void {
  const unlisted: string[] = [];
  const marked = schema ? markedIn(schema, schema, [], [], unlisted) : [];
  if (marked.length === 0 && unlisted.length === 0) return;
  const place = [option, ...(marked[0] ?? [])].join(".");
  problems.push(
    `${place}: expected no sensitive field, since only inputs are hidden. Return a reference to the value, such as the id of its row`,
  );
}

/** Returns whether the schema allows a value at a path. */
function leadsSomewhere(schema: JsonObject, path: SensitivePath, root: JsonObject, depth = 0): boolean {
  const [key, ...rest] = path;
  if (key === undefined || depth > 64) return true;
  const target = resolveReference(schema, root);
  if (target === null) return true;
  const inner = children(target).filter(([at]) => at === key || at === "*" || key === "*");
  if (inner.some(([, child]) => leadsSomewhere(child, rest, root, depth + 1))) return true;
  const alternatives = alternativesOf(target);
  if (alternatives.length > 0) return alternatives.some((one) => leadsSomewhere(one, path, root, depth + 1));
  // A schema without rules for the parts of a value allows anything.
  return Object.keys(target).every(
    (word) => !["type", "properties", "items", "enum", "const"].includes(word),
  );
}

function markedIn(
  schema: JsonObject,
  root: JsonObject,
  path: SensitivePath,
  above: readonly JsonObject[],
  problems: string[],
): SensitivePath[] {
  if (schema["sensitive"] === true) return markedHere(path, problems);
  const target = resolveReference(schema, root);
  if (target === null) return [];
  if (target["sensitive"] === true) return markedHere(path, problems);
  if (above.includes(target)) {
    if (JSON.stringify(target).includes('"sensitive":true'))
      problems.push("input has a recursive schema with sensitive fields, whose paths cannot be listed");
    return [];
  }
  const within = [...above, target];
  return [
    ...alternativesOf(target).flatMap((one) => markedIn(one, root, path, within, problems)),
    ...children(target).flatMap(([key, child]) => markedIn(child, root, [...path, key], within, problems)),
  ];
}

function markedHere(path: SensitivePath, problems: string[]): SensitivePath[] {
  if (path.some((key) => key.includes(".")))
    problems.push(
      `input has a sensitive field in ${JSON.stringify(path.join(" "))}, a key of which holds a dot`,
    );
  return [path];
}

/** Returns the schemas of the parts of a value by key; `*` for all keys. */
function children(schema: JsonObject): [string, JsonObject][] {
  const { properties, additionalProperties, items, prefixItems } = schema;
  return [
    ...(isObject(properties) ? Object.entries(properties) : []),
    ...(Array.isArray(prefixItems)
      ? prefixItems.map((item: Json, index) => [String(index), item] as const)
      : []),
    ...[additionalProperties, items].map((one) => ["*", one] as const),
  ].flatMap(([key, child]): [string, JsonObject][] => (isObject(child) ? [[key, child]] : []));
}

function alternativesOf(schema: JsonObject): JsonObject[] {
  return SAME_VALUE.flatMap((word) => {
    const list = schema[word];
    return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : [];
  });
}
