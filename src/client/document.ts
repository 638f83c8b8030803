/**
 * A GraphQL document with the types of its result and variables, as graphql-codegen, gql.tada and
 * the other generators make it: the source text, or the syntax tree.
 */
export interface TypedDocument<Result, Variables> {
  /** For the type checker only. The generators agree on this name. */
  readonly __apiType?: (variables: Variables) => Result;
}

/** A document: typed, or its source text. */
export type Document<Result, Variables> = TypedDocument<Result, Variables> | string;

interface SyntaxTree {
  readonly kind: "Document";
  readonly loc?: { readonly source: { readonly body: string } };
}

/** Returns the source text of a document. */
export async function textOf(document: unknown): Promise<string> {
  if (!isSyntaxTree(document)) return String(document);
  if (document.loc) return document.loc.source.body;
  // Loaded only for trees without their source, as gql.tada makes them.
  const { print } = await import("graphql/language/printer.js");
  return print(document as Parameters<typeof print>[0]);
}

function isSyntaxTree(document: unknown): document is SyntaxTree {
  return (document as { readonly kind?: unknown } | null)?.kind === "Document";
}
