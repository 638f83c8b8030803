import type { Json } from "../../lib/json/json.ts";
import type { DefinitionContract } from "../../task/contract/definition-contract.ts";
import type { Secrets } from "../../task/sensitive/sensitive.ts";

/** What runs in production, as far as it is known. */
export interface Production {
  /** For messages, such as `the database`. */
  readonly name: string;
  readonly definitions: readonly DefinitionContract[];
  /** Names of definitions that run now: without them, callers break. */
  readonly running: ReadonlySet<string>;
  /** Inputs that the new code will receive. */
  readonly inputs: AsyncIterable<WaitingInput>;
}

/** An input that is stored, and that the next attempt or slot parses. */
export interface WaitingInput {
  readonly kind: "task" | "schedule";
  /** Id of the task, or name of the schedule. */
  readonly id: string;
  /** Name of the task definition. */
  readonly definition: string;
  /** Sensitive values that cannot be read here are placeholders. */
  readonly args: Json;
  /** Values that must not be shown. */
  readonly secrets: Secrets;
  /** Why the worker or the beat could not read it at all; null if it can. */
  readonly problem: string | null;
  /** False for a disabled schedule: it breaks when it is enabled. */
  readonly isActive: boolean;
}
