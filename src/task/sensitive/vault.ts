import { FatalError } from "../../errors.ts";
import { type Json, type JsonObject, toCanonicalJson } from "../../lib/json/json.ts";
import { CannotOpenError, type Keyring } from "../../lib/keyring.ts";
import type { ScheduleSpec } from "../schedule/schedule.ts";
import type { Digest } from "./secret-keys.ts";
import {
  mergeSecrets,
  redact,
  replaceSecrets,
  type Secrets,
  type SensitivePath,
  type SplitInput,
} from "./sensitive.ts";
import type { HiddenValues, StoredOptions } from "../call/stored-options.ts";

const GIVE_KEY =
  "Give this process the key that they were encrypted with, in encryptionKeys (LOVAGE_ENCRYPTION_KEYS), then retry the task.";
const SET_AGAIN =
  "Give this process the key that they were encrypted with, in encryptionKeys (LOVAGE_ENCRYPTION_KEYS), or set the args of the schedule again.";

/**
 * Recorded when the sensitive fields of a task's input cannot be read by the worker that runs it.
 */
export class SecretsUnreadable extends FatalError {
  override readonly name = "SecretsUnreadable";

  constructor(why: string, remedy = GIVE_KEY) {
    super(`The sensitive fields of the input are encrypted, and ${why}. ${remedy}`);
  }
}

/** An input as its row stores it, and the parts that the row's options store. */
export interface Hidden {
  readonly input: Json;
  readonly hidden: HiddenValues;
}

/** A task's input as its row stores it. */
export interface HiddenInput {
  readonly name: string;
  readonly input: Json;
  readonly options: StoredOptions | null;
}

/**
 * Sensitive fields of inputs. The input of a row has placeholders, so that nothing that reads,
 * lists, searches or reports tasks can show them. The values are in the options of the row:
 * encrypted if there are keys, else plain.
 */
export class Vault {
  constructor(private readonly keyring: Keyring | null) {}

  /** Returns an input as its row stores it. */
  hide(name: string, { shown, secrets }: SplitInput): Hidden {
    if (!this.keyring) return { input: shown, hidden: { secrets } };
    return { input: shown, hidden: { sealed: this.keyring.seal(toCanonicalJson(secrets), aboutOf(name)) } };
  }

  /** Makes digests for keys that contain sensitive fields; null without encryption keys. */
  digest: Digest = (purpose, text) => this.keyring?.digest(purpose, text) ?? null;

  /**
   * Returns the whole input, and its values that must not be shown.
   * @throws SecretsUnreadable naming the key that is missing
   */
  reveal({ name, input, options }: HiddenInput): { readonly input: Json; readonly secrets: Secrets } | null {
    const hidden = options?.hidden;
    if (!hidden) return null;
    const secrets = hidden.secrets ?? (this.#open(hidden.sealed, aboutOf(name)) as Secrets);
    return { input: mergeSecrets(input, secrets), secrets };
  }

  /**
   * Returns the args of a schedule with their sensitive values sealed in place, since rows are also
   * written by plain SQL. A sealed value is bound to its task and path and opens only there. Equal
   * args of one schedule are sealed to equal values while the first key stays, so a comparison
   * finds no change. Without keys it returns the args unchanged.
   */
  sealArgs({ name, taskName, args }: ScheduleArgs, paths: readonly SensitivePath[]): Json {
    const { keyring } = this;
    if (!keyring) return args;
    return replaceSecrets(args, paths, (value, pointer) => ({
      [SEALED]: keyring.sealComparably(toCanonicalJson(value), aboutArgs(taskName, pointer), name),
    }));
  }

  /**
   * Returns the whole args of a schedule, and the paths of their sealed values. Values are opened at
   * the sensitive paths only; without a known definition (null), at every path that has a value
   * sealed for it.
   *
   * @throws SecretsUnreadable for a value that cannot be opened here, or is at a path it was not
   *   sealed for
   */
  openArgs(
    { taskName, args }: Omit<ScheduleArgs, "name">,
    paths: readonly SensitivePath[] | null,
  ): OpenedArgs {
    const at = paths ?? findSealed(args);
    const opened = replaceSecrets(args, at, (value, pointer) => {
      const sealed = sealedIn(value);
      return sealed === null ? value : (this.#open(sealed, aboutArgs(taskName, pointer), SET_AGAIN) as Json);
    });
    const [misplaced] = paths === null ? [] : findSealed(redact(args, paths));
    if (misplaced)
      throw new SecretsUnreadable(`args.${misplaced.join(".")} is not a sensitive field`, SET_AGAIN);
    return { args: opened, sealedAt: findSealed(args) };
  }

  #open(sealed: string, about: string, remedy?: string): unknown {
    if (!this.keyring) {
      throw new SecretsUnreadable(
        `the key ${JSON.stringify(sealed.split(".")[0])} is not known here`,
        remedy,
      );
    }
    try {
      return JSON.parse(this.keyring.open(sealed, about));
    } catch (error) {
      throw new SecretsUnreadable(
        error instanceof CannotOpenError ? error.message : "they are damaged",
        remedy,
      );
    }
  }
}

type ScheduleArgs = Pick<ScheduleSpec, "name" | "taskName" | "args">;

interface OpenedArgs {
  readonly args: Json;
  readonly sealedAt: readonly SensitivePath[];
}

/**
 * The only key of an object that represents a sealed value in the args of a schedule. Callers
 * cannot use it.
 */
export const SEALED = "$sealed";

/**
 * Returns the paths of the objects in args that have the key of sealed values.
 */
export function findSealed(args: Json): readonly SensitivePath[] {
  if (args === null || typeof args !== "object") return [];
  if (!Array.isArray(args) && Object.hasOwn(args, SEALED)) return [[]];
  return Object.entries(args as JsonObject).flatMap(([key, child]) =>
    findSealed(child).map((path) => [key, ...path]),
  );
}

function sealedIn(value: Json): string | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const sealed = (value as JsonObject)[SEALED];
  return typeof sealed === "string" && Object.keys(value).length === 1 ? sealed : null;
}

function aboutArgs(taskName: string, pointer: string): string {
  return `lovage.schedule ${JSON.stringify([taskName, pointer])}`;
}

/** The task that sealed fields belong to. Their paths are sealed with them. */
function aboutOf(name: string): string {
  return `lovage.task ${name}`;
}
