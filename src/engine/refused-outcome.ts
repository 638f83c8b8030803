import type { Outcome } from "../store/task-store.ts";
import type { TaskError } from "../task/task.ts";

/** Recorded in place of what the database does not store: a task must not stay STARTED for that. */
const REFUSED: TaskError = {
  type: "OutcomeRefused",
  message: "The database refused to store how this attempt ended; the worker's log has the reason.",
  stack: null,
  retryable: false,
  fingerprint: "OutcomeRefused",
};

/**
 * What to record in place of an outcome whose values the database refuses; null when nothing is left to try. A retry stays a retry: what is
 * left out is its error and its progress. Only one with a new input that cannot be stored, and a success without its output, become FAILURE.
 */
export function insteadOf(outcome: Outcome): Outcome | null {
  if (outcome.kind === "succeeded") return failed(outcome);
  if (outcome.kind === "failed") return outcome.error === REFUSED ? null : failed(outcome);
  if (outcome.kind === "retry" && outcome.error !== REFUSED)
    return { ...outcome, progress: null, error: REFUSED };
  if (outcome.progress !== null) return { ...outcome, progress: null };
  return outcome.kind === "retry" && outcome.newInput ? failed(outcome) : null;
}

function failed({ taskId, workerId, version, keepMs }: Outcome): Outcome {
  return { taskId, workerId, version, progress: null, kind: "failed", error: REFUSED, keepMs };
}
