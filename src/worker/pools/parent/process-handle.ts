import type { ChildDied } from "../../../errors.ts";
import type { Logger } from "../../../lib/log/log.ts";
import type { IsolatedPool } from "../../../task/definition/pool.ts";
import type { Secrets } from "../../../task/sensitive/sensitive.ts";
import type { ParentMessage } from "../wire/protocol.ts";

export interface ChildSettings {
  /** The module that a child runs. @default the built one of its kind */
  readonly entry?: URL | undefined;
  /** The memory limit of a child, in bytes. V8 lets its heap grow to about this size. */
  readonly limitBytes: number;
  readonly log: Logger;
}

/** Receives what a child does. */
export interface ChildListener {
  readonly onMessage: (message: unknown) => void;
  /** The child sent data that is not a message. */
  readonly onGarbage: () => void;
  /**
   * The child has ended, or could not be started. Called once, and last.
   *
   * @param death why, as far as it is known
   */
  readonly onEnd: (death: Error) => void;
  /**
   * Returns the values to hide in the output of the child: an error that ends it may quote them.
   */
  readonly secrets: () => readonly Secrets[];
}

/** A worker's handle of a child, which is a process or a thread. */
export interface ProcessHandle {
  /** The pid, or the number of the thread; negative when it could not be started. */
  readonly id: number;
  send(message: ParentMessage): void;
  /** Lets it exit by itself, as soon as its code returns to the event loop. */
  dismiss(): void;
  /** Ends it, whatever its code does. */
  kill(): void;
  /** Returns the bytes of memory that it uses; undefined when it has ended. Never rejects. */
  memoryBytes(): Promise<number | undefined>;
}

/** The kind of the children of a pool. */
export interface ChildKind {
  readonly pool: IsolatedPool;
  /** The name of a child in messages. */
  readonly noun: ChildDied["child"];
  /** @throws Error when the system refuses; most refusals are passed to the listener instead */
  open(settings: ChildSettings, listener: ChildListener): ProcessHandle;
}

/** Returns the environment of a child: the worker's, without the keys of sealed values. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { LOVAGE_ENCRYPTION_KEYS: _, ...environment } = process.env;
  return environment;
}
