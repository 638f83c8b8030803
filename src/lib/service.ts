import type { Loop } from "./loop-watch.ts";

/** A part with its own life cycle: a loop, a connection, a server. */
export interface Service {
  /** Resolves when the part is ready. */
  start(): Promise<void>;
  /** Resolves when all work is done and all resources are released. May be called twice, or before `start`. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** Its loops, for health checks. */
  readonly loops?: readonly Loop[];
}
