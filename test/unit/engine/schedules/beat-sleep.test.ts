import { expect, test } from "vitest";
import { Beat } from "../../../../src/engine/schedules/beat.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import type { BeatLook, BeatRound, BeatStore } from "../../../../src/store/schedules/schedule-store.ts";

const NOTHING: BeatRound = {
  ...{ more: false, fired: [], skipped: [], planned: [] },
  ...{ created: [], revoked: [], cancelRequested: [] },
};

/** A beat over a store that answers so, and what was asked of it. */
function setup(look: () => BeatLook): { readonly beat: Beat; readonly asked: string[] } {
  const asked: string[] = [];
  const note =
    <Answer>(what: string, answer: () => Answer) =>
    async (): Promise<Answer> => {
      asked.push(what);
      return answer();
    };
  const store: BeatStore = {
    look: note("look", look),
    take: note("take", () => NOTHING),
    releaseHeld: note("release", () => []),
    deleteOldSkips: async () => 0,
  };
  const silent = { publish: () => undefined, subscribe: () => () => undefined };
  const parts = {
    ...{ store, decider: {}, log: silentLogger, signals: silent, publisher: silent },
    ...{ enqueuer: { announce: async () => undefined }, hints: { send: async () => undefined } },
  };
  const beat = new Beat(parts as unknown as ConstructorParameters<typeof Beat>[0], { keepMs: 1 }, (error) => {
    throw error;
  });
  return { beat, asked };
}

test("at rest, a beat asks one question and sleeps until something is due, at most for half a second", async () => {
  let dueInMs: number | null = 99.2;
  const { beat, asked } = setup(() => ({ dueInMs, held: false }));
  const pause = await beat.beat();
  expect(pause).toBeLessThanOrEqual(100);
  expect(pause).toBeGreaterThan(50);
  dueInMs = 1e9;
  expect(await beat.beat()).toBe(500);
  dueInMs = null;
  expect(await beat.beat()).toBeGreaterThan(450);
  expect(asked).toEqual(["look", "look", "look"]);
});

test("held tasks are released, whether or not a slot is due", async () => {
  const { beat, asked } = setup(() => ({ dueInMs: null, held: true }));
  await beat.beat();
  expect(asked).toEqual(["look", "release"]);
});

test("where other beats hold due schedules, the pauses between two looks grow, and start again afterwards", async () => {
  let dueInMs = -5_000;
  const { beat, asked } = setup(() => ({ dueInMs, held: false }));
  const pauses: number[] = [];
  for (let look = 0; look < 7; look += 1) pauses.push(await beat.beat());
  expect(pauses).toEqual([5, 10, 20, 40, 80, 100, 100]);
  expect(asked.slice(0, 3)).toEqual(["look", "take", "look"]);
  dueInMs = 50;
  await beat.beat();
  dueInMs = -1;
  expect(await beat.beat()).toBe(5);
});
