import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { TaskFacets } from "../../store/reading/task-reader.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { TaskFilterInput, TaskOrderInput } from "./filter-input.ts";
import { requireUuid } from "../require-uuid.ts";
import { readFilter } from "./task-filter.ts";
import { readTaskPage, type TaskConnection } from "./task-page.ts";
import { TaskConnectionType } from "./task-connection-type.ts";
import { TaskType } from "./task-type.ts";

@Resolver()
export class TaskQueryResolver {
  @Query(() => TaskType, {
    nullable: true,
    description: "One task. Null for an id that does not exist: never PENDING.",
  })
  task(
    @Arg("id", () => ID, { description: "UUID of the task." }) id: string,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TaskOutline | null> {
    requireUuid("id", id);
    return loaders.task.load(id);
  }

  @Query(() => TaskConnectionType, {
    description: "Tasks, newest first unless ordered otherwise, in keyset pages.",
  })
  async tasks(
    @Arg("first", () => Int, { nullable: true, description: "How many from the start, 1..200; default 50." })
    first: number | null | undefined,
    @Arg("after", () => String, {
      nullable: true,
      description: "Only what comes after this cursor. Goes with `first`.",
    })
    after: string | null | undefined,
    @Arg("last", () => Int, { nullable: true, description: "How many from the end, 1..200." })
    last: number | null | undefined,
    @Arg("before", () => String, {
      nullable: true,
      description: "Only what comes before this cursor. Goes with `last`.",
    })
    before: string | null | undefined,
    @Arg("filter", () => TaskFilterInput, { nullable: true, description: "Which tasks; all without it." })
    filter: TaskFilterInput | null | undefined,
    @Arg("orderBy", () => TaskOrderInput, {
      nullable: true,
      description: "In which order; newest first without it.",
    })
    orderBy: TaskOrderInput | null | undefined,
    @Ctx() context: GraphqlContext,
  ): Promise<TaskConnection> {
    return readTaskPage(context, {
      first,
      after,
      last,
      before,
      orderBy,
      filter: readFilter(filter, ["filter"]),
    });
  }
}

@Resolver(() => TaskConnectionType)
export class TaskConnectionResolver {
  @FieldResolver()
  async totalCount(@Root() connection: TaskConnection): Promise<number> {
    return (await connection.count()).total;
  }

  @FieldResolver()
  async totalCountIsExact(@Root() connection: TaskConnection): Promise<boolean> {
    return (await connection.count()).isExact;
  }

  @FieldResolver()
  facets(@Root() connection: TaskConnection): Promise<TaskFacets> {
    return connection.facets();
  }
}
