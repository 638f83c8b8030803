import { toError } from "../lib/thrown.ts";
import type { Logger } from "../lib/log/log.ts";
import type { Json } from "../lib/json/json.ts";

/**
 * Messages between processes that make them look at the database at once. Nothing depends on them:
 * the database holds what they announce, and each listener reads it there later anyway. Nobody acts
 * on the content of a signal without that look, since any client of Redis can send one. Only
 * replies to commands are shown as they come.
 */
export type Signal =
  /** Cancels were requested for these running tasks: their workers read the rows. */
  | { readonly type: "cancel"; readonly taskIds: readonly string[] }
  /** A task becomes due in about so many milliseconds: for dispatchers that sleep longer. */
  | { readonly type: "due"; readonly inMs: number }
  /** Settings of queues changed: pause or limits. */
  | { readonly type: "queues" }
  /** Schedules were changed. */
  | { readonly type: "schedules" }
  /**
   * For these workers, by incarnation: reply (`ping`), or read your runtime settings and overrides
   * and reply with what is in force then (`look`).
   */
  | {
      readonly type: "command";
      /** Answers name it. */
      readonly id: string;
      readonly ask: "ping" | "look";
      /** The task definition that the answer is to be about; null for the worker itself. */
      readonly task: string | null;
      readonly workers: readonly string[];
    }
  /** A worker's answer to a command. */
  | {
      readonly type: "reply";
      /** The command's. */
      readonly id: string;
      readonly worker: string;
      readonly ok: boolean;
      readonly value: Json;
      readonly error: string | null;
    }
  /**
   * Tasks whose logs somebody watches have new lines; or, with `ended`, an attempt of theirs is
   * recorded, and its last lines are there.
   */
  | { readonly type: "logs"; readonly taskIds: readonly string[]; readonly ended: boolean }
  /**
   * Somebody watches the logs of these tasks: workers send `logs` for no others. Sent every few
   * seconds.
   */
  | { readonly type: "logWatch"; readonly taskIds: readonly string[] };

export interface Signals {
  /** Never throws: a signal that cannot be sent is dropped. */
  publish(signal: Signal): void;
  /** Listens to all signals, this process' own included. Returns the way to stop. */
  subscribe(listener: (signal: Signal) => void): () => void;
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string";
const isTextOrNull: Check = (value) => value === null || typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);

const SHAPES: Readonly<Record<Signal["type"], Readonly<Record<string, Check>>>> = {
  cancel: { taskIds: isTexts },
  due: { inMs: Number.isFinite },
  logs: { taskIds: isTexts, ended: isFlag },
  logWatch: { taskIds: isTexts },
  queues: {},
  schedules: {},
  command: { id: isText, ask: isText, task: isTextOrNull, workers: isTexts },
  reply: {
    id: isText,
    worker: isText,
    ok: isFlag,
    value: (value) => value !== undefined,
    error: isTextOrNull,
  },
};

/**
 * Returns whether a received value is a signal. Anyone can publish on the channel, so other values
 * are ignored.
 */
export function isSignal(value: unknown): value is Signal {
  if (typeof value !== "object" || value === null) return false;
  const signal = value as Readonly<Record<string, unknown>>;
  const { type } = signal;
  if (typeof type !== "string" || !Object.hasOwn(SHAPES, type)) return false;
  return Object.entries(SHAPES[type as Signal["type"]]).every(([key, check]) => check(signal[key]));
}

/**
 * The listeners of one process. A listener that throws affects neither the others nor the
 * publisher.
 */
export class SignalListeners {
  readonly #listeners = new Set<(signal: Signal) => void>();

  constructor(private readonly log: Logger) {}

  add(listener: (signal: Signal) => void): () => void {
    // A separate function, so that a listener that was added twice is called twice and removed
    // once.
    const own = (signal: Signal): void => listener(signal);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Calls all listeners, after the current turn of the event loop. */
  notify(signal: Signal): void {
    queueMicrotask(() => {
      for (const listener of this.#listeners) {
        try {
          listener(signal);
        } catch (error) {
          this.log.error("A listener to signals failed", { signal: signal.type, err: toError(error) });
        }
      }
    });
  }
}
