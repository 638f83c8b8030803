import { show } from "../../lib/quote.ts";
import { ListDefinitionsDocument, ListNamesDocument } from "../client/generated/graphql.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import { CommandError, EXIT, type ExitCode } from "../failure.ts";
import { printList } from "../output.ts";

/** `lovage definitions`: lists the task definitions of a server. */
export async function definitions(context: CommandContext): Promise<ExitCode> {
  await using client = await connect(context);
  const { taskDefinitions } = await client.query(ListDefinitionsDocument, {});
  return printList(context.output, taskDefinitions, {
    empty: "The server has no task definitions.",
    titles: ["NAME", "QUEUE", "PRIORITY", "ATTEMPTS", "MUTATION", "DESCRIPTION"],
    row: (definition) => [
      definition.name,
      definition.queue,
      definition.priority,
      String(definition.retry.maxAttempts),
      definition.mutationField ?? "-",
      definition.deprecationReason === null
        ? (definition.description ?? "")
        : `deprecated: ${definition.deprecationReason}`,
    ],
  });
}

/** The error for a name that no definition of the server has. */
export async function unknownDefinition(client: GraphqlClient, name: string): Promise<CommandError> {
  const { taskDefinitions } = await client.query(ListNamesDocument, {});
  const names = taskDefinitions.map((definition) => definition.name);
  const message = `the server has no task definition named ${show(name)}.`;
  return new CommandError(EXIT.notFound, "NOT_REGISTERED", message, definitionHint(name, names));
}

/** The nearest name of a definition, if any, and the command that lists them. */
export function definitionHint(name: string, names: readonly string[]): string {
  return [didYouMean(name, names, undefined) ?? [], "See `lovage definitions`."].flat().join(" ");
}
