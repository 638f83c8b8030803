import { Field, Int, ObjectType } from "type-graphql";
import { PageInfoType } from "../page.ts";
import { TaskType } from "./task-type.ts";

@ObjectType("TaskEdge", { simpleResolvers: true, description: "A task and its cursor." })
export class TaskEdgeType {
  @Field(() => String, { description: "Cursor for `after` and `before`, valid in lists of the same order." })
  readonly cursor!: string;
  @Field(() => TaskType, { description: "The task." })
  readonly node!: TaskType;
}

@ObjectType("FacetCount", { simpleResolvers: true, description: "Number of tasks with one value." })
export class FacetCountType {
  @Field(() => String, { description: "The value." })
  readonly value!: string;
  @Field(() => Int, { description: "Number of tasks with the value." })
  readonly count!: number;
}

@ObjectType("TaskFacets", {
  simpleResolvers: true,
  description:
    "Number of filtered tasks for each value, counted over the newest 10,000. With `filter.search`, over the tasks found in 2 seconds.",
})
export class TaskFacetsType {
  @Field(() => [FacetCountType], { description: "Counts by state." })
  readonly states!: readonly FacetCountType[];
  @Field(() => [FacetCountType], { description: "Counts by task definition." })
  readonly names!: readonly FacetCountType[];
  @Field(() => [FacetCountType], { description: "Counts by queue." })
  readonly queues!: readonly FacetCountType[];
  @Field(() => [FacetCountType], { description: "Counts by worker name." })
  readonly workers!: readonly FacetCountType[];
}

@ObjectType("TaskConnection", { simpleResolvers: true, description: "A page of tasks." })
export class TaskConnectionType {
  @Field(() => [TaskEdgeType], { description: "The tasks with their cursors." })
  readonly edges!: readonly TaskEdgeType[];
  @Field(() => [TaskType], { description: "The tasks." })
  readonly nodes!: readonly TaskType[];
  @Field(() => PageInfoType, { description: "The page's position in the list." })
  readonly pageInfo!: PageInfoType;
  @Field(() => String, {
    nullable: true,
    description:
      "Cursor at which `filter.search` stopped after 2 seconds. Pass it as `after` (with `last`: as `before`) to continue. Null if the search covered the page.",
  })
  readonly searchedUntil!: string | null;
  @Field(() => Int, { description: "Number of tasks that match the filter, exact up to 10,000." })
  readonly totalCount!: number;
  @Field(() => Boolean, {
    description:
      "Whether `totalCount` is exact. False if there are more tasks, or may be more because `filter.search` stopped after 2 seconds.",
  })
  readonly totalCountIsExact!: boolean;
  @Field(() => TaskFacetsType, { description: "Number of tasks for each value." })
  readonly facets!: TaskFacetsType;
}
