/**
 * The states of a task and the legal transitions. Every statement that changes a state is guarded
 * by the states named here. No statement changes a final state.
 *
 *     PENDING ──(predecessors done)──┐
 *     SCHEDULED ──(runAt reached)──┐ │
 *                                  ▼ ▼      claim            finish
 *                                 QUEUED ──────────▶ STARTED ────────▶ SUCCESS | FAILURE | REVOKED
 *                                  ▲  ▲                │  │
 *                                  │  └──(requeued)────┘  │
 *                                  └──(runAt)── RETRY ◀───┘ (failed, attempts left)
 *
 * PENDING, SCHEDULED, QUEUED and RETRY may also become REVOKED (cancelled) or EXPIRED (not started
 * before expiresAt). A call that replaces a QUEUED or RETRY task by its unique key may set a later
 * start: the task becomes SCHEDULED then.
 */
export const TASK_STATES = [
  "PENDING",
  "SCHEDULED",
  "QUEUED",
  "STARTED",
  "RETRY",
  "SUCCESS",
  "FAILURE",
  "REVOKED",
  "EXPIRED",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const FINAL_STATES = [
  "SUCCESS",
  "FAILURE",
  "REVOKED",
  "EXPIRED",
] as const satisfies readonly TaskState[];
export type FinalState = (typeof FINAL_STATES)[number];
export const UNFINISHED_STATES = [
  "PENDING",
  "SCHEDULED",
  "QUEUED",
  "STARTED",
  "RETRY",
] as const satisfies readonly TaskState[];
const WAITING_ENDS: readonly TaskState[] = ["REVOKED", "EXPIRED"];

const NEXT: Readonly<Record<TaskState, readonly TaskState[]>> = {
  PENDING: ["QUEUED", "SCHEDULED", ...WAITING_ENDS],
  SCHEDULED: ["QUEUED", ...WAITING_ENDS],
  QUEUED: ["STARTED", "SCHEDULED", ...WAITING_ENDS],
  STARTED: ["SUCCESS", "FAILURE", "REVOKED", "RETRY", "QUEUED"],
  RETRY: ["QUEUED", "SCHEDULED", ...WAITING_ENDS],
  SUCCESS: [],
  FAILURE: [],
  REVOKED: [],
  EXPIRED: [],
};

export function isFinal(state: TaskState): boolean {
  return NEXT[state].length === 0;
}

export function canBecome(from: TaskState, to: TaskState): boolean {
  return NEXT[from].includes(to);
}

/** Returns the states from which a task may become `to`: the guard of a statement. */
export function sourcesOf(to: TaskState): readonly TaskState[] {
  return TASK_STATES.filter((from) => canBecome(from, to));
}
