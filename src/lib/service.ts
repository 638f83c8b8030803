import type { Loop } from "./loop-watch.ts";

/** A moving part with a life of its own: a loop, a connection, a server. */
export interface Service {
  /** Resolves when the part is ready for use. */
  start(): Promise<void>;
  /** Resolves when all is done and released. May be called twice, or before `start`. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** The loops that it turns, for health checks. */
  readonly loops?: readonly Loop[];
}
