import { FatalError } from "../errors.ts";
import { type Json, toCanonicalJson } from "../lib/json.ts";
import { CannotOpenError, type Keyring } from "../lib/keyring.ts";
import { mergeSecrets, type Secrets, type SensitivePath, splitSecrets } from "./sensitive.ts";
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
    const secrets = hidden.secrets ?? this.#open(name, hidden.sealed);
    return { input: mergeSecrets(input, secrets), secrets };
  }

  #open(name: string, sealed: string): Secrets {
    if (!this.keyring) {
      throw new SecretsUnreadable(`the key ${JSON.stringify(sealed.split(".")[0])} is not known here`);
    }
    try {
      return JSON.parse(this.keyring.open(sealed, aboutOf(name))) as Secrets;
    } catch (error) {
      throw new SecretsUnreadable(error instanceof CannotOpenError ? error.message : "they are damaged");
    }
  }
}

/** What the encrypted fields belong to. Their paths are sealed with them. */
function aboutOf(name: string): string {
  return `lovage.task ${name}`;
}
