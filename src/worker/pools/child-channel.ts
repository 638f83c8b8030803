import type { ChildMessage } from "./protocol.ts";

/** A child's way to its worker. When the worker closes it, the child leaves. */
export interface ChildChannel {
  /** Messages that the system has not taken yet: the child holds them in its memory. */
  readonly pending: number;
  send(message: ChildMessage): void;
}
