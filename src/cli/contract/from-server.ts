import type { Json } from "../../lib/json/json.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import type { DefinitionContract } from "../../task/contract/definition-contract.ts";
import { UNFINISHED_STATES } from "../../task/records/state.ts";
import { fillArgs } from "../../task/schedule/schedule-args.ts";
import {
  ListWaitingInputsDocument,
  type ListWaitingInputsQuery,
  type ListWaitingInputsQueryVariables,
  ReadContractsDocument,
} from "../client/generated/graphql.ts";
import { listAll } from "../commands/schedules/find.ts";
import type { Production, WaitingInput } from "./production.ts";

const NOTHING_HIDDEN = { secrets: {}, problem: null } as const;

/** Reads production from a running server. It hides sensitive values. */
export async function fromServer(client: GraphqlClient, url: string): Promise<Production> {
  const { taskDefinitions } = await client.query(ReadContractsDocument, {});
  return {
    name: `the server at ${url}`,
    definitions: taskDefinitions as readonly DefinitionContract[],
    running: new Set(taskDefinitions.map(({ name }) => name)),
    inputs: inputsOf(client),
  };
}

async function* inputsOf(client: GraphqlClient): AsyncGenerator<WaitingInput> {
  for (let after: string | null = null; ;) {
    const variables: ListWaitingInputsQueryVariables = { states: UNFINISHED_STATES, after };
    const { tasks }: ListWaitingInputsQuery = await client.query(ListWaitingInputsDocument, variables);
    for (const { id, name, args } of tasks.nodes)
      yield { kind: "task", id, definition: name, args: args as Json, isActive: true, ...NOTHING_HIDDEN };
    const { hasNextPage, endCursor } = tasks.pageInfo;
    if (!hasNextPage || endCursor === null) break;
    after = endCursor;
  }
  for (const { name, taskName, args, lastRunAt, enabled } of await listAll(client, { source: "API" })) {
    const values = { slot: new Date(), lastRunAt: lastRunAt === null ? null : new Date(lastRunAt), name };
    const filled = fillArgs(args as Json, values);
    yield {
      kind: "schedule",
      id: name,
      definition: taskName,
      args: filled,
      isActive: enabled,
      ...NOTHING_HIDDEN,
    };
  }
}
