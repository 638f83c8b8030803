import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root } from "type-graphql";
import { show } from "../../lib/quote.ts";
import { parseTimestamp } from "../../lib/timestamp.ts";
import type { ScheduleSummary, SkippedSlots, SkipReason } from "../../task/schedule/schedule.ts";
import { requireRange } from "../arguments.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { type Page, PageInfoType, pageOf } from "../page.ts";
import { DateTimeScalar } from "../scalars.ts";
import { ScheduleType, SkipReasonEnum } from "./schedule-type.ts";

@ObjectType("SkippedSlots", { simpleResolvers: true, description: "Consecutive slots that created no task." })
class SkippedSlotsType {
  @Field(() => DateTimeScalar, { description: "The first slot." })
  readonly firstSlot!: Date;
  @Field(() => DateTimeScalar, { description: "The last slot." })
  readonly lastSlot!: Date;
  @Field(() => Int, { nullable: true, description: "Number of slots. Null if there were too many to count." })
  readonly count!: number | null;
  @Field(() => SkipReasonEnum, { description: "The reason why the slots created no task." })
  readonly reason!: SkipReason;
}

@ObjectType("SkippedSlotsEdge", { simpleResolvers: true, description: "Skipped slots in a list." })
class SkippedSlotsEdgeType {
  @Field(() => String, { description: "Cursor for `after`." })
  readonly cursor!: string;
  @Field(() => SkippedSlotsType, { description: "The slots." })
  readonly node!: SkippedSlotsType;
}

@ObjectType("SkippedSlotsConnection", {
  simpleResolvers: true,
  description: "A page of the skipped slots of a schedule.",
})
class SkippedSlotsConnectionType {
  @Field(() => [SkippedSlotsEdgeType], { description: "The slots with their cursors." })
  readonly edges!: readonly SkippedSlotsEdgeType[];
  @Field(() => [SkippedSlotsType], { description: "The slots." })
  readonly nodes!: readonly SkippedSlotsType[];
  @Field(() => PageInfoType, { description: "The page's position in the list." })
  readonly pageInfo!: PageInfoType;
  @Field(() => Int, { description: "Number of entries." })
  readonly totalCount!: number;
}

interface SkippedSlotsConnection extends Page<SkippedSlots> {
  totalCount(): Promise<number>;
}

const DEFAULT_SIZE = 50;
const MAX_SIZE = 200;

@Resolver(() => ScheduleType)
export class SkippedSlotsResolver {
  @FieldResolver(() => SkippedSlotsConnectionType, {
    description: "Slots that created no task, newest first. Kept for 30 days.",
  })
  async skippedSlots(
    @Root() { id }: ScheduleSummary,
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: DEFAULT_SIZE,
      description: `Number of entries to return: 1 to ${MAX_SIZE}.`,
    })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Returns only entries after this cursor." })
    after: string | null | undefined,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<SkippedSlotsConnection> {
    const size = first ?? DEFAULT_SIZE;
    requireRange("first", size, MAX_SIZE);
    const before = after === null || after === undefined ? null : readCursor(after);
    const request = { scheduleId: id, limit: size + 1, ...(before === null ? {} : { before }) };
    const found = await loaders.skippedSlots.load(request);
    return {
      ...pageOf(found, {
        size,
        isFirst: before === null,
        cursorOf: ({ firstSlot }) => firstSlot.toISOString(),
      }),
      totalCount: () => loaders.skippedCounts.load(id),
    };
  }
}

function readCursor(cursor: string): string {
  const at = parseTimestamp(cursor);
  if (at !== null) return at.toISOString();
  throw badUserInput(`after: expected a cursor of this list, got ${show(cursor)}. Take one from pageInfo.`);
}
