/**
 * The states of a task and the only legal ways between them. Every statement that changes a state guards itself with the states
 * named here; no statement ever leaves a final state.
 *
 *     PENDING ──(predecessors done)──┐
 *     SCHEDULED ──(runAt reached)──┐ │
 *                                  ▼ ▼      claim            finish
 *                                 QUEUED ──────────▶ STARTED ────────▶ SUCCESS | FAILURE | REVOKED
 *                                  ▲  ▲                │  │
 *                                  │  └──(given back)──┘  │
 *                                  └──(runAt)── RETRY ◀───┘ (failed, attempts left)
 *
 * PENDING, SCHEDULED, QUEUED and RETRY may also become REVOKED (cancelled) or EXPIRED (not started before expiresAt). A call that replaces
 * a task with its unique key may put a later start before one that is QUEUED, or waits for its RETRY: it is SCHEDULED then.
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

/** The states from which a task may become `to`: what a statement's guard must ask for. */
export function sourcesOf(to: TaskState): readonly TaskState[] {
  return TASK_STATES.filter((from) => canBecome(from, to));
}
