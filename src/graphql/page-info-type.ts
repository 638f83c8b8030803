import { Field, ObjectType } from "type-graphql";

@ObjectType("PageInfo", { simpleResolvers: true, description: "Where a page lies in its list." })
export class PageInfoType {
  @Field(() => Boolean, { description: "Whether there is more after `endCursor`." })
  readonly hasNextPage!: boolean;
  @Field(() => Boolean, { description: "Whether there is more before `startCursor`." })
  readonly hasPreviousPage!: boolean;
  @Field(() => String, {
    nullable: true,
    description: "Cursor of the first entry, or what `searchedUntil` says; null on an empty page.",
  })
  readonly startCursor!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Cursor of the last entry, or what `searchedUntil` says; null on an empty page.",
  })
  readonly endCursor!: string | null;
}
