import { type Issue, MAX_ISSUES, RefusedError } from "../../errors.ts";
import type { Json } from "../../lib/json/json.ts";
import { show } from "../../lib/quote.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import { checkInput, readArgs } from "../../task/definition/validation.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { EnqueueCall, Middleware } from "../../task/definition/middleware.ts";
import { TASK_NAME, TASK_NAME_RULE } from "../../task/definition/names.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { hideInIssue } from "../../task/sensitive/hide-in-issue.ts";
import { REDACTED, type Secrets, splitSecrets } from "../../task/sensitive/sensitive.ts";
import { makeRow, type RowContext, type RowRequest } from "./make-row.ts";

export interface EnqueueRequest extends RowRequest {
  /** Name of the task definition. */
  readonly name: string;
  /** @default {} */
  readonly args?: Json;
}

/**
 * Checks one request and returns its row, or null when it was refused; `context.issues` then has
 * the reasons. Returns a promise only if the schema is asynchronous: waiting costs a turn for each
 * task.
 */
export function prepareTask(
  registry: Registry,
  request: EnqueueRequest,
  context: RowContext,
): NewTask | null | Promise<NewTask | null> {
  const { path, issues } = context;
  const definition = registry.get(request.name);
  if (!definition) {
    issues.push(unknownTask(request.name, registry, path));
    return null;
  }
  const before = issues.length;
  const args = readArgs(request.args ?? {}, path, issues);
  const input = args?.input ?? {};
  const split = definition.sensitive.length > 0 ? splitSecrets(input, definition.sensitive) : null;
  const finish = (parsed: unknown): NewTask | null => {
    if (split) refusePlaceholders(split.secrets, context);
    const isSound = issues.length === before;
    const checked = { input, parsed, split, isSound };
    const row = makeRow(isSound ? definition : withoutKey(definition), request, checked, context);
    if (issues.length === before) return row;
    // A message of a schema, a route or a function of the definition may quote a sensitive value.
    if (definition.sensitive.length > 0)
      for (let index = before; index < issues.length; index += 1)
        issues[index] = hideInIssue(issues[index]!, path, split?.secrets ?? {}, definition.sensitive);
    return null;
  };
  const parsed = args === null ? input : checkInput(definition, input, path, issues);
  return parsed instanceof Promise ? parsed.then(finish) : finish(parsed);
}

/**
 * For an input that was refused: no key can be made of it, and the mistakes of its options are
 * found nevertheless.
 */
function withoutKey(definition: AnyTaskDefinition): AnyTaskDefinition {
  return { ...definition, unique: { ...definition.unique, uniqueKey: null } };
}

function unknownTask(name: string, registry: Registry, path: readonly string[]): Issue {
  const at = [...path, "name"];
  if (!TASK_NAME.test(name))
    return { code: "INVALID_INPUT", path: at, message: `expected ${TASK_NAME_RULE}, got ${show(name)}.` };
  const known = registry.names();
  const near = known.find((one) => one.toLowerCase().includes(name.toLowerCase()) || name.includes(one));
  const candidates = near === undefined ? known : [near, ...known];
  const hint = didYouMean(name, candidates, `Known: ${known.length} tasks (see taskDefinitions).`);
  return { code: "NOT_REGISTERED", path: at, message: `Task ${show(name)} is not registered.`, hint };
}

/** Refuses inputs that somebody copied from where sensitive values are not shown. */
function refusePlaceholders(secrets: Secrets, { path, issues }: Pick<RowContext, "path" | "issues">): void {
  for (const [pointer, secret] of Object.entries(secrets)) {
    if (secret !== REDACTED) continue;
    const message = `is ${show(REDACTED)}, which stands for a value that is not shown.`;
    const at = [...path, "args", ...pointer.split("/").slice(1)];
    issues.push({ code: "INVALID_INPUT", path: at, message, hint: "Send the value itself." });
  }
}

/**
 * Returns a request as the middleware leaves it; the first of the list receives it first.
 *
 * @throws RefusedError with the paths of the request, or whatever else a middleware throws
 */
export async function passMiddleware(
  middleware: readonly Middleware[],
  request: EnqueueRequest,
  createdBy: string | null,
  path: readonly string[],
): Promise<EnqueueRequest> {
  const { name, args = {}, options = {} } = request;
  let call: EnqueueCall = { name, args, options, createdBy };
  for (const { enqueue } of middleware) {
    if (!enqueue) continue;
    try {
      const change = await enqueue(call);
      if (change) {
        const { args: newArgs = call.args, options: newOptions = call.options } = change;
        call = { name, args: newArgs, options: newOptions, createdBy };
      }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const [first, ...rest] = error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
      throw new RefusedError([first!, ...rest], { moreIssues: error.moreIssues });
    }
  }
  return { ...request, args: call.args, options: call.options };
}

/**
 * Collects the issues of several requests: it keeps the first ones and counts the others, of which
 * it remembers only the index of their request.
 */
export class IssueTally {
  readonly #shown: Issue[] = [];
  readonly #heads = new Set<string>();
  #count = 0;

  /** Moves the issues of one request out of the list. */
  take(issues: Issue[]): void {
    if (issues.length === 0) return;
    this.#count += issues.length;
    this.#heads.add(issues[0]!.path[0] ?? "");
    this.#shown.push(...issues.slice(0, MAX_ISSUES - this.#shown.length));
    issues.length = 0;
  }

  /** @throws RefusedError when any issue was collected */
  refuse(): void {
    const [first, ...rest] = this.#shown;
    if (!first) return;
    const moreIssues = this.#count - this.#shown.length;
    throw new RefusedError([first, ...rest], { moreIssues, heads: this.#heads });
  }
}
