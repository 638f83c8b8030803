import { FatalError } from "../errors.ts";
import { type Json, type JsonObject, toCanonicalJson } from "../lib/json.ts";
import { CannotOpenError, type Keyring } from "../lib/keyring.ts";
import type { ScheduleSpec } from "./schedule.ts";
import { mergeSecrets, replaceSecrets, type Secrets, type SensitivePath, splitSecrets } from "./sensitive.ts";
import type { HiddenValues, StoredOptions } from "./stored-options.ts";

/** Recorded when the sensitive fields of a task's input cannot be read by the worker that runs it. */
export class SecretsUnreadable extends FatalError {
  override readonly name = "SecretsUnreadable";

  constructor(why: string) {
    super(
      `The sensitive fields of the input are encrypted, and ${why}. Give this process the key that they were encrypted with, in encryptionKeys ` +
        "(LOVAGE_ENCRYPTION_KEYS), then retry the task.",
    );
  }
}

/** An input as its row holds it, and what of it the row's options hold. */
export interface Hidden {
  readonly input: Json;
  readonly hidden: HiddenValues;
  /** In which forms the same values may lie in a row with the same idempotency key; absent where they cannot be compared so. */
  readonly sealedAs?: readonly string[];
}

/** A task's input, as its row holds it. */
export interface HiddenInput {
  readonly name: string;
  readonly input: Json;
  readonly options: StoredOptions | null;
}

/**
 * Sensitive fields of inputs. A row's input has placeholders in their stead, so whoever reads, lists, finds or tells of tasks cannot show
 * them; the values lie in the row's options: encrypted where there are keys, else as they are.
 */
export class Vault {
  constructor(private readonly keyring: Keyring | null) {}

  /** Null when the input holds nothing sensitive. */
  hide(
    name: string,
    input: Json,
    paths: readonly SensitivePath[],
    idempotencyKey: string | null,
  ): Hidden | null {
    const split = splitSecrets(input, paths);
    if (!split) return null;
    const { shown, secrets } = split;
    if (!this.keyring) return { input: shown, hidden: { secrets } };
    const text = toCanonicalJson(secrets);
    if (idempotencyKey === null)
      return { input: shown, hidden: { sealed: this.keyring.seal(text, aboutOf(name)) } };
    // The same key again must bring the same input, and the database, which has no keys, must be able to tell. Only calls with one
    // idempotency key can be seen to be equal by this.
    const sealedAs = this.keyring.sealComparably(text, aboutOf(name), idempotencyKey);
    return { input: shown, hidden: { sealed: sealedAs[0]! }, sealedAs };
  }

  /** The whole input, and the values in it that must not be shown. @throws SecretsUnreadable naming the key that is missing */
  reveal({ name, input, options }: HiddenInput): { readonly input: Json; readonly secrets: Secrets } | null {
    const hidden = options?.hidden;
    if (!hidden) return null;
    const secrets = hidden.secrets ?? (this.#open(hidden.sealed, aboutOf(name)) as Secrets);
    return { input: mergeSecrets(input, secrets), secrets };
  }

  /**
   * The args of a schedule with their sensitive values encrypted in their places, since people write its row by plain SQL, too. The same args
   * of one schedule are the same again, as long as the first key is: who compares finds no change. As they are without keys.
   */
  sealArgs({ name, taskName, args }: ScheduleArgs, paths: readonly SensitivePath[]): Json {
    const { keyring } = this;
    if (!keyring) return args;
    const seal = (value: Json): Json => ({
      [SEALED]: keyring.sealComparably(toCanonicalJson(value), aboutArgs(taskName), name)[0]!,
    });
    return replaceSecrets(args, paths, seal);
  }

  /** The whole args of a schedule. @throws SecretsUnreadable naming the key that is missing */
  openArgs({ taskName, args }: Omit<ScheduleArgs, "name">): Json {
    const open = (part: Json): Json => {
      if (part === null || typeof part !== "object") return part;
      if (Array.isArray(part)) return part.map((item: Json) => open(item));
      const entries = Object.entries(part as JsonObject);
      const [[key, sealed] = []] = entries;
      if (entries.length === 1 && key === SEALED && typeof sealed === "string")
        return this.#open(sealed, aboutArgs(taskName)) as Json;
      return Object.fromEntries(entries.map(([at, child]) => [at, open(child)]));
    };
    return open(args);
  }

  #open(sealed: string, about: string): unknown {
    if (!this.keyring) {
      throw new SecretsUnreadable(`the key ${JSON.stringify(sealed.split(".")[0])} is not known here`);
    }
    try {
      return JSON.parse(this.keyring.open(sealed, about));
    } catch (error) {
      throw new SecretsUnreadable(error instanceof CannotOpenError ? error.message : "they are damaged");
    }
  }
}

type ScheduleArgs = Pick<ScheduleSpec, "name" | "taskName" | "args">;

/** The only key of an object that stands for an encrypted value. */
const SEALED = "$sealed";

function aboutArgs(taskName: string): string {
  return `lovage.schedule ${taskName}`;
}

/** What the encrypted fields belong to. Their paths are sealed with them. */
function aboutOf(name: string): string {
  return `lovage.task ${name}`;
}
