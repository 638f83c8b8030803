import { show } from "../../lib/quote.ts";
import { type Json, type JsonLimits, pathText, readJson } from "../../lib/json/json.ts";
import { TASK_NAME, TASK_NAME_RULE } from "../definition/names.ts";

/** An event of `ctx.emit`. */
export interface TaskEmission {
  readonly type: string;
  readonly payload: Json;
}

const LIMITS = { maxDepth: 32, maxKeys: 1_000, maxBytes: 16 * 1024 } as const satisfies JsonLimits;

/**
 * Returns an emission for sending, and its size.
 *
 * @throws TypeError if it cannot be sent
 */
export function readEmission(
  type: unknown,
  payload: unknown,
): { readonly emission: TaskEmission; readonly bytes: number } {
  if (typeof type !== "string" || !TASK_NAME.test(type))
    throw new TypeError(`emit(type, payload) takes ${TASK_NAME_RULE} as its type, got ${showType(type)}.`);
  const read = readJson(payload ?? null, LIMITS);
  if ("problem" in read) {
    const { path, message, hint } = read.problem;
    throw new TypeError(`The payload${pathText(path)} of emit("${type}") ${message}. ${hint}`);
  }
  return { emission: { type, payload: read.value }, bytes: JSON.stringify(read.value).length };
}

function showType(type: unknown): string {
  return typeof type === "string" ? show(type) : `a ${typeof type}`;
}
