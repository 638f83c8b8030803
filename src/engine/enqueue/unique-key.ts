import { show } from "../../lib/quote.ts";
import type { Issue } from "../../errors.ts";
import { toError } from "../../lib/thrown.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { isPlainText, MAX_KEY_LENGTH, type ResolvedEnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { SecretKeys } from "../../task/sensitive/secret-keys.ts";
import { findUniqueContradiction } from "../../task/call/unique.ts";

/** The columns of a row that depend on its unique key. */
export type UniqueParts = Pick<NewTask, "uniqueKey" | "onConflict" | "maxWaitMs" | "delayMs">;

interface Call {
  readonly options: ResolvedEnqueueOptions;
  /** The value that the schema returned. */
  readonly parsed: unknown;
  /** A retry must not replace a newer input by an old one. */
  readonly isRetry: boolean;
  readonly path: readonly string[];
  readonly issues: Issue[];
  /** Null where nothing of the input is sensitive. */
  readonly secretKeys: SecretKeys | null;
}

/**
 * Returns the unique key of a task, from the call or else from the definition, and the columns that
 * depend on it.
 */
export function uniquePartsOf(
  { name, unique }: Pick<AnyTaskDefinition, "name" | "unique">,
  call: Call,
): UniqueParts {
  const { options, isRetry } = call;
  const plain = { delayMs: options.delayMs };
  if (!unique.uniqueKey && options.uniqueKey === null && !hasUniqueOptions(options)) {
    return { ...plain, uniqueKey: null };
  }
  const uniqueKey = options.uniqueKey ?? keyByInput(name, unique.uniqueKey, call);
  if (uniqueKey === null) {
    refuseWithoutKey(call);
    return { ...plain, uniqueKey };
  }
  if (isRetry) return { ...plain, uniqueKey };
  const said = withDefaults(unique, options);
  const problem = findUniqueContradiction(said);
  if (problem) refuse(call, problem.key, `${problem.message}.`);
  const onConflict = said.debounceMs === null ? (said.onConflict ?? "RETURN") : "REPLACE";
  refuseTogether(call, onConflict, said.debounceMs);
  return {
    uniqueKey,
    onConflict,
    delayMs: said.debounceMs ?? options.delayMs,
    maxWaitMs: said.maxWaitMs,
  };
}

/** A call with a start, or one that does not replace, is not debounced by the definition. */
function withDefaults(unique: AnyTaskDefinition["unique"], call: ResolvedEnqueueOptions) {
  const { onConflict, debounceMs, maxWaitMs } = call;
  if (debounceMs !== null) return { onConflict, debounceMs, maxWaitMs };
  const usual = onConflict ?? (unique.debounceMs === null ? unique.onConflict : "REPLACE");
  const ownStart = call.delayMs !== null || call.runAt !== null || usual !== "REPLACE";
  return ownStart
    ? { onConflict: usual, debounceMs, maxWaitMs }
    : { onConflict: usual, debounceMs: unique.debounceMs, maxWaitMs: maxWaitMs ?? unique.maxWaitMs };
}

function hasUniqueOptions({ onConflict, debounceMs, maxWaitMs }: ResolvedEnqueueOptions): boolean {
  return onConflict !== null || debounceMs !== null || maxWaitMs !== null;
}

/**
 * Returns a key that begins with the task's name, so that keys of two definitions never collide.
 */
function keyByInput(
  name: string,
  keyOf: AnyTaskDefinition["unique"]["uniqueKey"],
  call: Call,
): string | null {
  if (!keyOf) return null;
  try {
    const { key, digest } = makeKey(name, (input) => keyOf(input as never), call);
    if (key === null || key === undefined) return null;
    if (typeof key !== "string" || key === "" || !isPlainText(key)) {
      refuse(call, "uniqueKey", `expected a string from the definition's uniqueKey, got ${show(key)}.`);
      return null;
    }
    const whole = `${name}:${digest ?? key}`;
    if (whole.length <= MAX_KEY_LENGTH) return whole;
    refuse(
      call,
      "uniqueKey",
      `expected at most ${MAX_KEY_LENGTH} characters with the task's name, got ${show(whole)}.`,
    );
  } catch (error) {
    refuse(
      call,
      "uniqueKey",
      `could not be computed by the definition's uniqueKey: ${toError(error).message}.`,
    );
  }
  return null;
}

/**
 * A key that is made of sensitive values is stored as its digest.
 * @throws NoKeysError; what the function throws
 */
function makeKey(
  name: string,
  make: (input: unknown) => unknown,
  { parsed, secretKeys }: Call,
): { readonly key: unknown; readonly digest: string | null } {
  return (
    secretKeys?.ofFunction(`unique ${name}`, parsed, make, String) ?? { key: make(parsed), digest: null }
  );
}

function refuseWithoutKey(call: Call): void {
  const { onConflict, debounceMs, maxWaitMs } = call.options;
  const said = { onConflict, debounce: debounceMs, maxWait: maxWaitMs };
  for (const [key, value] of Object.entries(said)) {
    if (value !== null) refuse(call, key, "needs a uniqueKey.", "Give one, or leave it out.");
  }
}

function refuseTogether(call: Call, onConflict: string, debounceMs: number | null): void {
  const { idempotencyKey, expiresInMs } = call.options;
  if (idempotencyKey !== null && onConflict === "REPLACE") {
    const message =
      "cannot be given together with a unique key that replaces: it stands for one input, for good.";
    refuse(call, "idempotencyKey", message, "Leave out the one or the other.");
  }
  if (
    debounceMs !== null &&
    call.options.debounceMs === null &&
    expiresInMs !== null &&
    expiresInMs <= debounceMs
  ) {
    refuse(
      call,
      "expiresIn",
      `expected an end after the task is due, ${debounceMs} ms from now by the definition's debounce.`,
    );
  }
}

function refuse({ path, issues }: Call, key: string, message: string, hint?: string): void {
  issues.push({ code: "INVALID_INPUT", path: [...path, key], message, ...(hint ? { hint } : {}) });
}
