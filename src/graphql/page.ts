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
