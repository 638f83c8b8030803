import type { ChildDied } from "../../../errors.ts";
import type { Logger } from "../../../lib/log.ts";
import type { IsolatedPool } from "../../../task/definition/pool.ts";
import type { Secrets } from "../../../task/sensitive/sensitive.ts";
import type { ParentMessage } from "../wire/protocol.ts";

export interface ChildSettings {
  /** The module that a child runs. @default that of its kind, as built */
  readonly entry?: URL | undefined;
  /** Memory that it may hold, in bytes. V8 lets its heap grow so far, or not much further. */
  readonly limitBytes: number;
  readonly log: Logger;
}

/** Told of what a child does. */
export interface ChildListener {
  readonly onMessage: (message: unknown) => void;
  /** It sent what is no message. */
  readonly onGarbage: () => void;
  /** It has ended, or could not be started: once, and nothing comes after it. @param death why, as far as it can be seen */
  readonly onEnd: (death: Error) => void;
  /** Values that must not be shown of what the child prints: an error that ends it may quote them. */
  readonly secrets: () => readonly Secrets[];
}

/** A child as its worker holds it: a process, or a thread. */
export interface ProcessHandle {
  /** Its pid, or the number of its thread; negative when it could not be started. */
  readonly id: number;
  send(message: ParentMessage): void;
  /** Lets it leave by itself, as soon as its code lets go of the event loop. */
  dismiss(): void;
  /** Ends it, whatever its code does. */
  kill(): void;
  /** Bytes of memory that it holds; undefined when it has ended. Never rejects. */
  held(): Promise<number | undefined>;
}

/** What children a pool has. */
export interface ChildKind {
  readonly pool: IsolatedPool;
  /** What a child is, in messages. */
  readonly noun: ChildDied["child"];
  /** @throws Error when the system refuses; most refusals are told to the listener instead */
  open(settings: ChildSettings, listener: ChildListener): ProcessHandle;
}
