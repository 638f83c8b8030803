import { ListDefinitionsDocument } from "../client/generated/graphql.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import type { ExitCode } from "../failure.ts";
import { printList } from "../output.ts";

/** `lovage definitions`: the task definitions that a server knows. */
export async function definitions(context: CommandContext): Promise<ExitCode> {
  await using client = await connect(context);
  const { taskDefinitions } = await client.query(ListDefinitionsDocument, {});
  return printList(context.output, taskDefinitions, {
    empty: "The server knows no task definitions.",
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
