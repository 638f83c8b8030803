import { toError } from "../errors.ts";
import { findJsonProblem, findSizeProblem, type Json, type JsonLimits } from "../lib/json.ts";
import { show } from "./enqueue.ts";
import { TASK_NAME, TASK_NAME_RULE } from "./names.ts";

/** What a running task told its subscribers by `ctx.emit`. */
export interface TaskEmission {
  readonly type: string;
  readonly payload: Json;
}

const LIMITS = { maxDepth: 32, maxKeys: 1_000, maxBytes: 16 * 1024 } as const satisfies JsonLimits;

/** An emission as it travels, and its size. @throws TypeError for what cannot be told */
export function readEmission(
  type: unknown,
  payload: unknown,
): { readonly emission: TaskEmission; readonly bytes: number } {
  if (typeof type !== "string" || !TASK_NAME.test(type))
    throw new TypeError(`emit(type, payload) takes ${TASK_NAME_RULE} as its type; got ${showType(type)}.`);
  const text = stringify(payload);
  const problem = findSizeProblem(text, LIMITS);
  const plain = problem ? null : (JSON.parse(text) as Json);
  const found = problem ?? findJsonProblem(plain, LIMITS);
  if (found) {
    const where = found.path.map((key) => `.${key}`).join("");
    throw new TypeError(`The payload${where} of emit("${type}") ${found.message}. ${found.hint}`);
  }
  return { emission: { type, payload: plain }, bytes: text.length };
}

/** What JSON makes of a payload; null of none. */
function stringify(payload: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload ?? null);
  } catch (error) {
    throw new TypeError(`The payload of emit is not JSON: ${toError(error).message}`, { cause: error });
  }
  if (text === undefined)
    throw new TypeError(`The payload of emit is a ${typeof payload}, which JSON cannot hold.`);
  return text;
}

function showType(type: unknown): string {
  return typeof type === "string" ? show(type) : `a ${typeof type}`;
}
