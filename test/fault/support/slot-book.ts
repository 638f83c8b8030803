import { expect, vi } from "vitest";
import type { Cluster } from "./cluster.ts";

/** Periods of the schedules of these tests, as they are written into their rows. */
const PERIODS = { "1s": 1_000, "1m": 60_000 } as const;
export type Every = keyof typeof PERIODS;
export type Misfire = "SKIP" | "FIRE_ONCE" | "CATCH_UP";

/** So many of the newest slots that were missed CATCH_UP makes good. */
const CAUGHT_UP = 100;

interface ScheduleRow {
  readonly id: string;
  readonly name: string;
  readonly every: Every;
  readonly misfire: Misfire;
  readonly anchor: number;
  readonly decided: number;
  readonly runs: number;
}
interface SlotRow {
  readonly schedule: string;
  readonly slot: number;
}
interface SkipRow {
  readonly schedule: string;
  readonly first: number;
  readonly last: number;
  readonly count: number | null;
  readonly reason: string;
}

/** What became of the slots of one schedule. */
export interface Page {
  readonly name: string;
  readonly slots: number;
  /** Those that gave a task, oldest first. */
  readonly fired: readonly number[];
  readonly skips: readonly SkipRow[];
  /** Slots with two tasks, or with a task and a note that there is none, or with two such notes. */
  readonly doubled: readonly number[];
  /** Slots of which nothing is known, though the schedule says that they were decided about. */
  readonly missed: readonly number[];
  /** What is against the rules besides, in words. */
  readonly wrong: readonly string[];
}

/** Adds schedules by plain SQL, in one transaction: all of them have the same slots. */
export async function addSchedules(
  cluster: Pick<Cluster, "checker">,
  count: number,
  every: Every,
  misfire: Misfire,
  name = `${misfire} ${every}`,
): Promise<void> {
  await cluster.checker.query(
    `insert into lovage.schedule (name, task_name, timing, misfire)
     select $1 || ' ' || i, 'fault.note', jsonb_build_object('interval', jsonb_build_object('every', $2::text)), $3
       from generate_series(1, $4) i`,
    [name, every, misfire, count],
  );
}

/** Resolves when every schedule was decided about up to now, by the database's clock. */
export async function upToDate(cluster: Pick<Cluster, "checker">, timeout = 30_000): Promise<void> {
  const [{ now }] = (await cluster.checker.query<{ now: string }>(
    "select clock_timestamp()::text as now",
  )) as [{ now: string }];
  await vi.waitFor(
    async () => {
      const late = await cluster.checker.query(
        "select name, next_slot from lovage.schedule where next_slot is null or next_slot <= $1::timestamptz",
        [now],
      );
      expect(late, "schedules that nobody came to").toEqual([]);
    },
    { timeout, interval: 50 },
  );
}

/** Disables all schedules, so that nothing moves while they are read. */
export async function standStill(cluster: Pick<Cluster, "checker">): Promise<void> {
  await cluster.checker.query("update lovage.schedule set enabled = false");
}

/**
 * What the rows say about every slot from the first to the last that was decided about. Which
 * moments are slots is computed here, from the time at which the schedule was made and its period,
 * without any code of Lovage.
 */
export async function readBook({ checker }: Pick<Cluster, "checker">): Promise<Page[]> {
  const ms = (column: string): string => `floor(extract(epoch from ${column}) * 1000)::float8`;
  const schedules = await checker.query<ScheduleRow>(
    `select id, name, timing->'interval'->>'every' as every, misfire, ${ms("created_at")} as anchor,
            ${ms("decided_until")} as decided, total_run_count as runs from lovage.schedule order by name`,
  );
  const slots = await checker.query<SlotRow>(
    `select schedule_id as schedule, ${ms("slot")} as slot from lovage.task where schedule_id is not null order by slot`,
  );
  const skips = await checker.query<SkipRow>(
    `select schedule_id as schedule, ${ms("first_slot")} as first, ${ms("last_slot")} as last, count, reason
       from lovage.schedule_skip order by first_slot`,
  );
  const slotsOf = Map.groupBy(slots, (row) => row.schedule);
  const skipsOf = Map.groupBy(skips, (row) => row.schedule);
  return schedules.map((row) =>
    pageOf(
      row,
      (slotsOf.get(row.id) ?? []).map(({ slot }) => slot),
      skipsOf.get(row.id) ?? [],
    ),
  );
}

/**
 * Nothing doubled, nothing missed, nothing against the rules. Resolves with the number of slots.
 */
export function isSound(book: readonly Page[]): number {
  const faults = book.flatMap(({ name, doubled, missed, wrong }) => {
    const shown = [...wrong, ...told("doubled", doubled), ...told("missed", missed)];
    return shown.length > 0 ? [`${name}: ${shown.join("; ")}`] : [];
  });
  expect(faults.slice(0, 5), `${faults.length} schedules with faults`).toEqual([]);
  return book.reduce((sum, { slots }) => sum + slots, 0);
}

function told(what: string, slots: readonly number[]): string[] {
  if (slots.length === 0) return [];
  return [`${slots.length} ${what}, the first at ${new Date(slots[0]!).toISOString()}`];
}

function pageOf(row: ScheduleRow, fired: readonly number[], skips: readonly SkipRow[]): Page {
  const every = PERIODS[row.every];
  const count = Math.max(0, Math.floor((row.decided - row.anchor) / every));
  const slots = Array.from({ length: count }, (_, index) => row.anchor + (index + 1) * every);
  const times = new Map(slots.map((slot) => [slot, 0]));
  const strays: number[] = [];
  const note = (slot: number): void => {
    const before = times.get(slot);
    if (before === undefined) strays.push(slot);
    else times.set(slot, before + 1);
  };
  for (const slot of fired) note(slot);
  for (const { first, last } of skips) {
    for (let slot = first; slot < last; slot += every) note(slot);
    note(last);
  }
  const wrong = [
    ...told("are no slots, or not decided about", strays),
    ...(row.runs === fired.length ? [] : [`counts ${row.runs} runs, and has ${fired.length} tasks`]),
    ...skips.flatMap((skip) => faultOfSkip(skip, row, new Set(fired), skips)),
  ];
  return {
    ...{ name: row.name, slots: count, fired, skips, wrong },
    doubled: slots.filter((slot) => times.get(slot)! > 1),
    missed: slots.filter((slot) => times.get(slot) === 0),
  };
}

/** What is wrong with a note of skipped slots, given the schedule's policy. */
function faultOfSkip(
  { first, last, count, reason }: SkipRow,
  { misfire, every }: ScheduleRow,
  fired: ReadonlySet<number>,
  skips: readonly SkipRow[],
): string[] {
  const period = PERIODS[every];
  const shown = `skipped from ${new Date(first).toISOString()} to ${new Date(last).toISOString()}`;
  if (reason !== "MISFIRED") return [`${shown} as ${reason}`];
  const size = (last - first) / period + 1;
  const faults = count === null || count === size ? [] : [`${shown} counts ${count} slots of ${size}`];
  const next = last + period;
  if (misfire === "SKIP" || skips.some((skip) => skip.first === next)) return faults;
  // FIRE_ONCE fires the last of those that were missed, CATCH_UP the newest hundred.
  const owed = misfire === "FIRE_ONCE" ? 1 : CAUGHT_UP;
  for (let slot = next; slot < next + owed * period; slot += period)
    if (!fired.has(slot)) return [...faults, `${shown}, and what had to follow was not fired`];
  return faults;
}
