import {
  type EnqueueTaskInput,
  ExplainTaskDocument,
  type ExplainTaskQuery,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import { plain } from "../../output.ts";
import { refusalOf } from "../../refusal.ts";
import { showIsoDuration } from "../../times.ts";

type Explanation = ExplainTaskQuery["explainTask"];

/**
 * `lovage call --explain`: prints what the call would do.
 *
 * @throws CommandError when it would be refused
 */
export async function explain(
  { output }: CommandContext,
  client: GraphqlClient,
  input: EnqueueTaskInput,
): Promise<ExitCode> {
  const { explainTask: found } = await client.query(ExplainTaskDocument, { input });
  const refusal = refusalOf(found.errors);
  if (output.json) {
    output.value(found);
    return refusal?.exitCode ?? EXIT.ok;
  }
  if (refusal) throw refusal;
  output.data(describe(input.name, found));
  return EXIT.ok;
}

function describe(name: string, found: Explanation): string {
  const { duplicateOf, timeLimit, softTimeLimit } = found;
  const facts: readonly (readonly [string, string | null])[] = [
    ["name", name],
    ["queue", `${found.queue} (${sourceOf(found.queueDecidedBy, found.route)})`],
    ["priority", `${found.priority} (${sourceOf(found.priorityDecidedBy, found.route)})`],
    ["attempts", String(found.maxAttempts)],
    ["time limit", timeLimit && showIsoDuration(timeLimit)],
    ["soft limit", softTimeLimit && showIsoDuration(softTimeLimit)],
    ["due", found.runAt ?? "now"],
    ["expires", found.expiresAt],
    [
      "duplicate of",
      duplicateOf && `${duplicateOf.id}, which is ${duplicateOf.state} (${found.duplicateKey})`,
    ],
    ["waiting before", String(found.waitingBefore)],
    ["workers", found.workers.map((worker) => worker.name).join(", ") || "none"],
    ["problem", found.problem],
  ];
  return facts
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key.padEnd(16)}${plain(String(value))}`)
    .join("\n");
}

function sourceOf(decider: Explanation["queueDecidedBy"], route: number | null): string {
  switch (decider) {
    case "CALL":
      return "set by the call";
    case "DEFINITION":
      return "set by the definition";
    case "ROUTE":
      return `set by route ${route}`;
    default:
      return "default";
  }
}
