import type { Outcome } from "../../store/tasks/task-store.ts";
import type { TaskError } from "../../task/records/task.ts";

/** Recorded in place of what the database does not store: a task must not stay STARTED for that. */
const REFUSED: TaskError = {
  type: "OutcomeRefused",
  message: "The database refused to store how this attempt ended; the worker's log has the reason.",
  stack: null,
  retryable: false,
  fingerprint: "OutcomeRefused",
};

/** The same, of an attempt after which the task is tried again. */
const REFUSED_RETRY: TaskError = { ...REFUSED, retryable: true };

/**
 * What to record in place of an outcome whose values the database refuses; null when nothing is left to try. A retry stays a retry: its error
 * and its progress are left out, and then its new input, as if the worker had died before it could say that. Only a success without
 * its output becomes FAILURE.
 */
export function insteadOf(outcome: Outcome): Outcome | null {
  if (outcome.kind === "succeeded") return failed(outcome);
  if (outcome.kind === "failed") return outcome.error === REFUSED ? null : failed(outcome);
  if (outcome.kind === "retry" && outcome.error !== REFUSED_RETRY)
    return { ...outcome, progress: null, error: REFUSED_RETRY };
  if (outcome.progress !== null) return { ...outcome, progress: null };
  return outcome.kind === "retry" && outcome.newInput
    ? { ...outcome, newInput: null, newHidden: null }
    : null;
}

function failed({ taskId, workerId, version, keepMs }: Outcome): Outcome {
  return { taskId, workerId, version, progress: null, kind: "failed", error: REFUSED, keepMs };
}
