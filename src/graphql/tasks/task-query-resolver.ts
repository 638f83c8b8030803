import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { TaskFacets } from "../../store/reading/task-reader.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { TaskFilterInput, TaskOrderInput } from "./filter-input.ts";
import { readUuid } from "../arguments.ts";
import { readFilter } from "./task-filter.ts";
import { readTaskPage, type TaskConnection } from "./task-page.ts";
import { TaskConnectionType } from "./task-connection-type.ts";
import { TaskType } from "./task-type.ts";

@Resolver()
export class TaskQueryResolver {
  @Query(() => TaskType, {
    nullable: true,
    description:
      "Returns a task by ID, or null if it does not exist. An unknown ID is never reported as PENDING.",
  })
  task(
    @Arg("id", () => ID, { description: "The task's UUID." }) id: string,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TaskOutline | null> {
    return loaders.task.load(readUuid("id", id));
  }

  @Query(() => TaskConnectionType, {
    description: "Lists tasks, newest first by default, with keyset pagination.",
  })
  async tasks(
    @Arg("first", () => Int, {
      nullable: true,
      description: "Number of tasks to return from the start: 1 to 200, 50 by default.",
    })
    first: number | null | undefined,
    @Arg("after", () => String, {
      nullable: true,
      description: "Returns only tasks after this cursor. Use with `first`.",
    })
    after: string | null | undefined,
    @Arg("last", () => Int, {
      nullable: true,
      description: "Number of tasks to return from the end: 1 to 200.",
    })
    last: number | null | undefined,
    @Arg("before", () => String, {
      nullable: true,
      description: "Returns only tasks before this cursor. Use with `last`.",
    })
    before: string | null | undefined,
    @Arg("filter", () => TaskFilterInput, {
      nullable: true,
      description: "Conditions that the tasks must meet. Defaults to all tasks.",
    })
    filter: TaskFilterInput | null | undefined,
    @Arg("orderBy", () => TaskOrderInput, {
      nullable: true,
      description: "The order of the tasks. Defaults to newest first.",
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
