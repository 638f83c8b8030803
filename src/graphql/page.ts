import { Field, ObjectType } from "type-graphql";

@ObjectType("PageInfo", { simpleResolvers: true, description: "Position of a page in its list." })
export class PageInfoType {
  @Field(() => Boolean, { description: "Whether there are entries after `endCursor`." })
  readonly hasNextPage!: boolean;
  @Field(() => Boolean, { description: "Whether there are entries before `startCursor`." })
  readonly hasPreviousPage!: boolean;
  @Field(() => String, {
    nullable: true,
    description:
      "Cursor of the first entry, or `searchedUntil` of a search that stopped. Null on an empty page.",
  })
  readonly startCursor!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Cursor of the last entry, or `searchedUntil` of a search that stopped. Null on an empty page.",
  })
  readonly endCursor!: string | null;
}

/** The value from which a PageInfo is resolved. */
export type PageInfo = Readonly<PageInfoType>;

/** The value from which a connection without a search is resolved. */
export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: PageInfo;
}

/**
 * Makes a page of the entries that were found.
 *
 * @param found one more than `size` if there is a next page
 * @param isFirst whether the page begins at the start of the list
 */
export function pageOf<Node>(
  found: readonly Node[],
  { size, isFirst, cursorOf }: { size: number; isFirst: boolean; cursorOf: (node: Node) => string },
): Page<Node> {
  const edges = found.slice(0, size).map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: found.length > size,
      hasPreviousPage: !isFirst,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
