import type { ChildMessage } from "../wire/protocol.ts";

/** A loop that never waits lets nothing leave a child process: of what may be dropped nothing more is sent then, or it would fill the memory. */
export const MAX_PENDING = 1_000;

/** A child's way to its worker. When the worker closes it, the child leaves. */
export interface ChildChannel {
  /** Messages that the system has not taken yet: the child holds them in its memory. */
  readonly pending: number;
  send(message: ChildMessage): void;
}
