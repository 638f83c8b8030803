import { describeIssue, describeIssues, type Issue } from "../errors.ts";
import { CommandError, EXIT, exitCodeOf } from "./failure.ts";
import { plain } from "./output.ts";
import type { CommandContext } from "./context.ts";

/** A problem that the server reports about a request. */
export interface ServerIssue {
  readonly code: Issue["code"];
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly hint: string | null;
}

/**
 * Ends a command that the server refused.
 *
 * @throws CommandError naming every problem
 */
export function refuseAnswer(errors: readonly ServerIssue[]): void {
  const refusal = refusalOf(errors);
  if (refusal !== null) throw refusal;
}

/** The error of a refused request, with a line for each problem. Null when nothing was refused. */
export function refusalOf(errors: readonly ServerIssue[]): CommandError | null {
  const [first] = errors;
  if (!first) return null;
  const lines = errors.map((issue) => describeRefusal(issue));
  return new CommandError(exitCodeOf(first.code), first.code, plain(lines.join("\n")));
}

/** One problem as a line that begins with the flag it concerns, in place of the path in GraphQL. */
export function describeRefusal(issue: ServerIssue, toPath = toFlagPath): string {
  const path = toPath(issue.path ?? []);
  return describeIssue({ code: issue.code, message: bareMessage(issue), path, hint: issue.hint ?? "" });
}

/**
 * The server's message without its leading path: the API repeats the path there so that a message
 * stands alone.
 */
export function bareMessage({ message, path }: Pick<ServerIssue, "message" | "path">): string {
  const start = `${(path ?? []).join(".")}: `;
  return message.startsWith(start) ? message.slice(start.length) : message;
}

/**
 * Ends a command with invalid flags or arguments.
 *
 * @throws CommandError with every issue, each by its flag
 */
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

/** The flag of an option: its own, or `--options`. */
function toOptionFlag(context: CommandContext, path: readonly string[]): readonly string[] {
  const [option = "", ...inner] = path;
  const key = option === "tags" ? "tag" : option;
  return context.options[key] === undefined ? ["--options", ...path] : [`--${kebab(key)}`, ...inner];
}

const FILTER_FLAGS: Readonly<Record<string, string>> = {
  ids: "--id",
  states: "--state",
  names: "--task",
  queues: "--queue",
  workers: "--worker",
  tags: "--tag",
  "createdAt.from": "--created-after",
  "createdAt.to": "--created-before",
  "finishedAt.from": "--finished-after",
  "finishedAt.to": "--finished-before",
  "runTime.min": "--min-run-time",
  "runTime.max": "--max-run-time",
  scheduleId: "--schedule",
};

/** `runAt` -> `--run-at`. A flag of a list is singular: `tags` -> `--tag`. */
export function flagOf(key: string): string {
  return key === "tags" ? "--tag" : `--${kebab(key)}`;
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flag for a path of the API: `["input", "options", "maxWait"]` -> `["--max-wait"]`. */
function toFlagPath(path: readonly string[]): readonly string[] {
  const [argument, ...inner] = path;
  if (argument !== "input" || inner.length === 0) return path;
  const [part, key, ...rest] = inner[0] === "select" && inner.length > 1 ? inner.slice(1) : inner;
  if (part === "target") return key === undefined ? ["workers"] : [key, ...rest];
  if (key !== undefined && part === "options") return [flagOf(key), ...rest];
  if (key !== undefined && part === "filter") return [filterFlagOf(key, rest[0])];
  return [part!, ...(key === undefined ? [] : [key]), ...rest];
}

function filterFlagOf(key: string, part = ""): string {
  return FILTER_FLAGS[key] ?? FILTER_FLAGS[`${key}.${part}`] ?? flagOf(key);
}
