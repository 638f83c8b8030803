import { describeIssues, type Issue } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { CommandError, EXIT, exitCodeOf } from "../failure.ts";
import { kebab } from "../flags.ts";
import { plain } from "../output.ts";
import { bareMessage } from "../refusal.ts";

/** Ends a command whose flags or arguments are wrong. @throws CommandError naming every mistake, by the flag that it is in */
export function refuseFlags(context: CommandContext, issues: readonly Issue[]): void {
  const [first] = issues;
  if (!first) return;
  const described = describeIssues(issues.map((issue) => ({ ...issue, path: toFlag(context, issue.path) })));
  const isUsage = issues.every(({ code, path }) => code === "INVALID_INPUT" && path[0] !== "args");
  throw new CommandError(
    isUsage ? EXIT.usage : exitCodeOf(first.code),
    isUsage ? "USAGE" : first.code,
    plain(described),
    isUsage ? null : "Nothing was sent.",
  );
}

/** A refusal as the server sends it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly hint: string | null;
}

/** Ends a command that the server refused. @throws CommandError naming every mistake */
export function refuseAnswer(errors: readonly Refusal[]): void {
  const [first] = errors;
  if (first) throw new CommandError(exitCodeOf(first.code), first.code, errors.map(tellRefusal).join("\n"));
}

/** A refusal in a line; where in the input it is stands in front, without what every input begins with. */
export function tellRefusal({ path, hint, ...refusal }: Refusal): string {
  const message = bareMessage({ ...refusal, path });
  const where = (path ?? []).filter((part, index) => index > 0 || part !== "input").join(".");
  return plain([where === "" ? message : `${where}: ${message}`, hint ?? ""].join(" ").trim());
}

const TIMING_FLAGS: Readonly<Record<string, string>> = {
  interval: "--every",
  crontab: "--cron",
  clocked: "--at",
  solar: "--solar",
  latitude: "--latitude",
  longitude: "--longitude",
};

function toFlag(context: CommandContext, path: readonly string[]): readonly string[] {
  const [field = "", ...rest] = path;
  switch (field) {
    case "":
    case "args":
      return path;
    case "name":
      return ["name"];
    case "taskName":
      return ["task"];
    case "timing":
      return rest
        .toReversed()
        .flatMap((part) => TIMING_FLAGS[part] ?? [])
        .slice(0, 1);
    case "options":
      return toOptionFlag(context, rest);
    default:
      return field.startsWith("-") ? path : [`--${kebab(field)}`, ...rest];
  }
}

/** An option came by a flag of its own, or within `--options`. */
function toOptionFlag(context: CommandContext, path: readonly string[]): readonly string[] {
  const [option = "", ...inner] = path;
  const key = option === "tags" ? "tag" : option;
  return context.options[key] === undefined ? ["--options", ...path] : [`--${kebab(key)}`, ...inner];
}
