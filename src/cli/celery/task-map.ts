import { show } from "../../lib/quote.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import type { Issue } from "../../errors.ts";
import { TASK_NAME, TASK_NAME_RULE } from "../../task/definition/names.ts";
import type { CommandContext } from "../context.ts";
import { refuseFlags } from "../refusal.ts";
import type { CeleryRow } from "./read-tables.ts";

/** The definition here for a task of Celery. */
interface MappedTask {
  readonly name: string;
  /** Names of its positional arguments, in order. */
  readonly positional: readonly string[];
}

export type TaskMap = ReadonlyMap<string, MappedTask>;

/** `old=new`, or `old=new(first,second)`. */
const PAIR = /^(?<from>[^=]+)=(?<to>[^=(]+)(?:\((?<names>[^()]*)\))?$/;
const ARGUMENT = /^[A-Za-z_]\w*$/;

/**
 * The pairs of `--task-map`.
 *
 * @throws CommandError (2) naming every problem
 */
export function readTaskMap(context: CommandContext): TaskMap {
  const pairs = (context.options["taskMap"] ?? []) as readonly string[];
  const read = pairs.map((pair) => [pair, readPair(pair)] as const);
  const issues = read.flatMap(([pair, mapped]): Issue[] => {
    if (mapped !== null) return [];
    const rule = `old=new or old=new(names of its positional arguments), where the new name is ${TASK_NAME_RULE}`;
    return [{ code: "INVALID_INPUT", path: ["--task-map"], message: `expected ${rule}, got ${show(pair)}.` }];
  });
  refuseFlags(context, issues);
  return new Map(read.flatMap(([, mapped]) => (mapped === null ? [] : [mapped])));
}

function readPair(pair: string): [string, MappedTask] | null {
  const { from, to, names = "" } = PAIR.exec(pair)?.groups ?? {};
  if (from === undefined || to === undefined || !TASK_NAME.test(to)) return null;
  const positional = names === "" ? [] : names.split(",").map((name) => name.trim());
  return positional.every((name) => ARGUMENT.test(name)) ? [from, { name: to, positional }] : null;
}

/** Notes pairs that no periodic task uses. */
export function noteUnusedPairs(
  { output }: CommandContext,
  taskMap: TaskMap,
  rows: readonly CeleryRow[],
): void {
  const names = new Set(rows.map(({ task }) => task.task));
  for (const name of taskMap.keys()) {
    if (names.has(name)) continue;
    const hint = didYouMean(name, [...names], undefined);
    output.note(`! --task-map: no periodic task runs ${show(name)}.${hint === undefined ? "" : ` ${hint}`}`);
  }
}
