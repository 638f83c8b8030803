import { Field, ObjectType } from "type-graphql";
import { DateTimeScalar } from "../scalars.ts";
import { UserErrorType } from "../enqueue/payload-types.ts";

@ObjectType("TimingPreview", { simpleResolvers: true, description: "What a timing would do." })
export class TimingPreviewType {
  @Field(() => String, { nullable: true, description: "In plain words; null for a timing that is wrong." })
  readonly summary!: string | null;
  @Field(() => [DateTimeScalar], {
    description: "When it would be due next. Fewer than asked for where it ends.",
  })
  readonly nextRuns!: readonly Date[];
  @Field(() => [String], {
    description: "Changes of the clocks within a year that it meets, and what becomes of its runs then.",
  })
  readonly warnings!: readonly string[];
  @Field(() => [UserErrorType], { description: "What is wrong with it; empty when nothing is." })
  readonly errors!: readonly UserErrorType[];
}
