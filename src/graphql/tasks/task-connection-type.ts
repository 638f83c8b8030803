import { Field, Int, ObjectType } from "type-graphql";
import { PageInfoType } from "../page-info-type.ts";
import { TaskType } from "./task-type.ts";

@ObjectType("TaskEdge", { simpleResolvers: true, description: "A task and its place in a list." })
export class TaskEdgeType {
  @Field(() => String, { description: "For `after` and `before`; good for lists of the same order." })
  readonly cursor!: string;
  @Field(() => TaskType, { description: "The task." })
  readonly node!: TaskType;
}

@ObjectType("FacetCount", { simpleResolvers: true, description: "How many tasks have a value." })
export class FacetCountType {
  @Field(() => String, { description: "The value." })
  readonly value!: string;
  @Field(() => Int, { description: "Tasks that have it." })
  readonly count!: number;
}

@ObjectType("TaskFacets", {
  simpleResolvers: true,
  description:
    "What the filtered tasks are made of: counted over the newest 10,000; with `filter.search` over what it finds in 2 seconds.",
})
export class TaskFacetsType {
  @Field(() => [FacetCountType], { description: "By state." })
  readonly states!: readonly FacetCountType[];
  @Field(() => [FacetCountType], { description: "By task definition." })
  readonly names!: readonly FacetCountType[];
  @Field(() => [FacetCountType], { description: "By queue." })
  readonly queues!: readonly FacetCountType[];
  @Field(() => [FacetCountType], { description: "By worker name." })
  readonly workers!: readonly FacetCountType[];
}

@ObjectType("TaskConnection", { simpleResolvers: true, description: "A page of tasks." })
export class TaskConnectionType {
  @Field(() => [TaskEdgeType], { description: "The tasks with their cursors." })
  readonly edges!: readonly TaskEdgeType[];
  @Field(() => [TaskType], { description: "The tasks." })
  readonly nodes!: readonly TaskType[];
  @Field(() => PageInfoType, { description: "Where the page lies." })
  readonly pageInfo!: PageInfoType;
  @Field(() => String, {
    nullable: true,
    description:
      "Where `filter.search` stopped because its 2 seconds were over: give it as `after` (with `last`: as `before`) to go on. Null when it looked as far as the page goes.",
  })
  readonly searchedUntil!: string | null;
  @Field(() => Int, { description: "Tasks that the filter lets through. Exact up to 10,000." })
  readonly totalCount!: number;
  @Field(() => Boolean, {
    description:
      "False when there are more than `totalCount`, or may be more because `filter.search` stopped after 2 seconds.",
  })
  readonly totalCountIsExact!: boolean;
  @Field(() => TaskFacetsType, { description: "Counts per value." })
  readonly facets!: TaskFacetsType;
}
