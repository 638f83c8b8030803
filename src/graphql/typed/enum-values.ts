const GRAPHQL_NAME = /^[A-Za-z_]\w*$/;
const RESERVED = new Set(["true", "false", "null"]);

export function isGraphqlName(name: string): boolean {
  return GRAPHQL_NAME.test(name) && !name.startsWith("__");
}

/**
 * Returns GraphQL names for the values of an enum. In a value that is not a GraphQL name,
 * characters that are not allowed become `_`, and a `_` precedes a first character that is not a
 * letter: `b-c` -> `b_c`, `1x` -> `_1x`. Returns null if two values get the same name, or if one
 * has no letter or digit: the enum is then a String.
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

/** Describes the values of an enum, by their GraphQL names. */
export function describeEnumValues(
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, { readonly description: string }>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const location = name === value ? "" : " of the task's JSON";
      return [name, { description: `The value ${JSON.stringify(value)}${location}.` }];
    }),
  );
}
