/**
 * Short words between processes that make things quick and that nothing depends on: whatever they announce is in the database,
 * and each listener reads it there sooner or later anyway.
 */
export type Signal =
  /** Cancels were requested for these running tasks. */
  | { readonly type: "cancel"; readonly taskIds: readonly string[] }
  /** A task becomes due in about so many milliseconds: for dispatchers that sleep longer. */
  | { readonly type: "due"; readonly inMs: number }
  /** Queues were paused or resumed. */
  | { readonly type: "queues" }
  /** Schedules were changed. */
  | { readonly type: "schedules" }
  /** Tasks whose logs somebody watches have new lines; or, with `ended`, an attempt of theirs is recorded, and its last lines are there. */
  | { readonly type: "logs"; readonly taskIds: readonly string[]; readonly ended: boolean }
  /** Somebody watches the logs of these tasks: for workers, which tell only of such. Said every few seconds. */
  | { readonly type: "logWatch"; readonly taskIds: readonly string[] };

export interface Signals {
  /** Never throws: a signal that cannot be sent is dropped. */
  publish(signal: Signal): void;
  /** Listens to all signals, this process' own included. Returns the way to stop. */
  subscribe(listener: (signal: Signal) => void): () => void;
}
