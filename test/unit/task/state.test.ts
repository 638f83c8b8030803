import { expect, test } from "vitest";
import {
  canBecome,
  FINAL_STATES,
  isFinal,
  sourcesOf,
  TASK_STATES,
  type TaskState,
} from "../../../src/task/records/state.ts";

/** The diagram of the design, written out: every pair that is not here is illegal. */
const LEGAL: readonly `${TaskState} ${TaskState}`[] = [
  "PENDING SCHEDULED",
  "PENDING QUEUED",
  "PENDING REVOKED",
  "PENDING EXPIRED",
  "SCHEDULED QUEUED",
  "SCHEDULED REVOKED",
  "SCHEDULED EXPIRED",
  "QUEUED STARTED",
  "QUEUED SCHEDULED",
  "QUEUED REVOKED",
  "QUEUED EXPIRED",
  "STARTED SUCCESS",
  "STARTED FAILURE",
  "STARTED REVOKED",
  "STARTED RETRY",
  "STARTED QUEUED",
  "RETRY QUEUED",
  "RETRY SCHEDULED",
  "RETRY REVOKED",
  "RETRY EXPIRED",
];

test("every pair of states is legal or not as in the diagram", () => {
  const pairs = TASK_STATES.flatMap((from) => TASK_STATES.map((to) => [from, to] as const));
  expect(pairs).toHaveLength(81);
  for (const [from, to] of pairs) {
    expect([from, to, canBecome(from, to)]).toEqual([from, to, LEGAL.includes(`${from} ${to}`)]);
  }
});

test("final states are those without a transition", () => {
  expect(TASK_STATES.filter(isFinal)).toEqual(FINAL_STATES);
  expect(sourcesOf("STARTED")).toEqual(["QUEUED"]);
});
