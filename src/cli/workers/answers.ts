import type { CommandFieldsFragment } from "../../client/generated/graphql.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { columns } from "../output.ts";
import { refuseAnswer } from "../schedule/refuse.ts";

/**
 * Prints who answered what, and who was silent. The exit code is 69 when somebody was silent, and 1 when somebody could not do as told.
 *
 * @throws CommandError when the server refused the command
 */
export function tellAnswers({ output }: CommandContext, payload: CommandFieldsFragment): ExitCode {
  refuseAnswer(payload.errors);
  const { replies, silent } = payload;
  if (output.json) output.value({ replies, silent });
  else {
    const rows = [
      ...replies.map(({ worker, ok, value, error }) => [worker, ok ? "ok" : "failed", error ?? tell(value)]),
      ...silent.map((worker) => [worker, "silent", "-"]),
    ];
    if (rows.length > 0) output.data(columns(["WORKER", "ANSWER", "NOW"], rows));
    else output.note("No live worker is concerned; it holds for those that are started later.");
  }
  if (silent.length > 0) return EXIT.unreachable;
  return replies.every(({ ok }) => ok) ? EXIT.ok : EXIT.checkFailed;
}

/** `{"status":"ONLINE","queues":["a","b"]}` -> `status=ONLINE queues=a,b`; what is null is left out. */
function tell(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null && !(Array.isArray(part) && part.length === 0))
    .map(([key, part]) => `${key}=${tellPart(part)}`)
    .join(" ");
}

function tellPart(part: unknown): string {
  if (Array.isArray(part)) return part.join(",");
  if (typeof part !== "object" || part === null) return String(part);
  return Object.entries(part)
    .map(([key, inner]) => `${key}:${String(inner)}`)
    .join(",");
}
