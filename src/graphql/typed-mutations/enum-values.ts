const GRAPHQL_NAME = /^[A-Za-z_]\w*$/;
const RESERVED = new Set(["true", "false", "null"]);

export function isGraphqlName(name: string): boolean {
  return GRAPHQL_NAME.test(name) && !name.startsWith("__");
}

/**
 * Names for the values of an enum. A value that is no GraphQL name gets one by turning what is not allowed into `_`, and a `_` in
 * front where it does not begin with a letter: `b-c` -> `b_c`, `1x` -> `_1x`. Null when two values would meet, or one has no
 * letter or digit: the enum is then a String.
 */
export function enumNames(values: readonly string[]): Readonly<Record<string, string>> | null {
  const named = new Map<string, string>();
  for (const value of values) {
    const name = enumName(value);
    if (name === null || named.has(name)) return null;
    named.set(name, value);
  }
  return Object.fromEntries(named);
}

function enumName(value: string): string | null {
  if (!/[A-Za-z0-9]/.test(value)) return null;
  const cleaned = value.replaceAll(/\W+/g, "_");
  const name =
    /^[A-Za-z]/.test(cleaned) && !RESERVED.has(cleaned) ? cleaned : `_${cleaned.replace(/^_+/, "")}`;
  return isGraphqlName(name) ? name : null;
}
