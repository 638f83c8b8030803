import { expect, test, vi } from "vitest";
import { referenceSlots, tableOf } from "../../support/timing-reference.ts";
import { LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { stepClock, withSteppedClock } from "../support/stepped-clock.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** So long before and after each change of the clocks slots are compared. */
const AROUND_MS = 2 * HOUR;
/** The longest step of the clock: what comes within it is less than CATCH_UP makes good at once. */
const LONGEST_STEP = 90;

const ZONES = [
  ...["Europe/Vienna", "America/New_York", "America/Santiago", "Australia/Lord_Howe"],
  ...["Pacific/Chatham", "Africa/Cairo", "Asia/Kolkata", "UTC"],
];
const EXPRESSIONS = [
  ...["30 2 * * *", "0 2 * * *", "0 3 * * *", "30 1 * * *", "15 0 * * *", "45 23 * * *", "59 1-3 * * *"],
  ...[
    "0 0 * * *",
    "30 0,23 * * *",
    "*/15 2-4/2 * * *",
    "0,30 1,2,3 * * *",
    "45 2 * * SUN",
    "5 4 * * MON-SAT",
  ],
  ...[
    "0 0-23 * * *",
    "0 * * * *",
    "*/20 * * * *",
    "15,45 * * * *",
    "* * * * *",
    "0 */2 * * *",
    "30 */3 * * *",
  ],
  ...["*/7 */2 * * *", "1 0 1 * *", "0 2 L * *", "20 3 15-31 3,10 *", "0 1 * 3-4,9-11 *"],
];

interface Timed {
  readonly id: string;
  readonly zone: string;
  readonly expression: string;
}

test(
  "where clocks are changed, beats give a task for each slot of a table of every minute, and no other",
  { timeout: 1_200_000 },
  async () => {
    const random = new Random("beat-dst");
    const zones = LONG ? ZONES : [random.pick(ZONES.slice(0, 6))];
    await using cluster = await startCluster({ databaseUrl: withSteppedClock });
    const from = Math.ceil((await clockOf(cluster)) / DAY + 1) * DAY;
    await Promise.all([cluster.beat(), cluster.beat()]);
    const schedules = await addCrontabs(cluster, zones);
    const changes = [...new Set(zones.flatMap((zone) => changesOf(zone, from)))].sort((a, b) => a - b);
    for (const change of changes) {
      await walk(cluster, change - AROUND_MS);
      for (let now = change - AROUND_MS; now < change + AROUND_MS;) {
        now = Math.min(now + random.between(45, LONGEST_STEP) * MINUTE, change + AROUND_MS);
        await walk(cluster, now);
      }
    }
    let slots = 0;
    const differences: string[] = [];
    for (const schedule of schedules) {
      const { expected, different } = await compare(cluster, schedule, changes);
      slots += expected;
      differences.push(...different);
    }
    expect(differences.slice(0, 5), `${differences.length} differences`).toEqual([]);
    report({
      test: "beat-dst",
      fault: `${changes.length} changes of the clocks in ${zones.length} zones`,
      ...{ tasks: slots, lost: 0, doubled: 0, resumedMs: null },
      note: `${schedules.length} crontabs: no slot differs from the table`,
    });
  },
);

async function clockOf({ checker }: Cluster): Promise<number> {
  const [row] = await checker.query<{ ms: number }>(
    "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
  );
  return row!.ms;
}

function addCrontabs({ checker }: Cluster, zones: readonly string[]): Promise<Timed[]> {
  return checker.query<Timed>(
    `insert into lovage.schedule (name, task_name, timing, time_zone, misfire)
     select zone || ' ' || expression, 'fault.note', jsonb_build_object('crontab', expression), zone, 'CATCH_UP'
       from unnest($1::text[]) zone cross join unnest($2::text[]) expression
     returning id, time_zone as zone, timing->>'crontab' as expression`,
    [zones, EXPRESSIONS],
  );
}

/** When the clocks of a zone are changed within a year. */
function changesOf(zone: string, from: number): number[] {
  const { local } = tableOf(zone, from, 365);
  return [...local.keys()]
    .filter((minute) => minute > 0 && local[minute] !== local[minute - 1]! + 1)
    .map((minute) => from + minute * MINUTE);
}

/** Sets the clock, and waits until beats have done all that is due then. */
async function walk(cluster: Cluster, moment: number): Promise<void> {
  const now = await clockOf(cluster);
  if (moment > now) await stepClock(cluster, Math.round(moment - now));
  await vi.waitFor(
    async () => {
      const due = await cluster.checker.query(
        "select name from lovage.schedule where next_run_at is null or next_run_at <= $1::timestamptz",
        [new Date(moment).toISOString()],
      );
      expect(due, "schedules that nobody came to").toEqual([]);
    },
    { timeout: 20_000, interval: 20 },
  );
}

/** Slots around the changes of the clocks against those of the table. */
async function compare(
  { checker }: Cluster,
  { id, zone, expression }: Timed,
  changes: readonly number[],
): Promise<{ readonly expected: number; readonly different: string[] }> {
  const rows = await checker.query<{ slot: number }>(
    "select (extract(epoch from slot) * 1000)::float8 as slot from lovage.task where schedule_id = $1",
    [id],
  );
  const fired = new Set(rows.map(({ slot }) => slot));
  const different: string[] = [];
  let expected = 0;
  for (const change of changes) {
    const isNear = (slot: number): boolean => Math.abs(slot - change) < AROUND_MS;
    const table = tableOf(zone, Math.floor(change / DAY - 2) * DAY, 5);
    const wanted = new Set(referenceSlots(expression, table).filter(isNear));
    const found = new Set([...fired].filter(isNear));
    expected += wanted.size;
    const shown = (slot: number, what: string): string =>
      `${zone} ${expression}: ${new Date(slot).toISOString()} ${what}`;
    for (const slot of wanted) if (!found.has(slot)) different.push(shown(slot, "is missing"));
    for (const slot of found) if (!wanted.has(slot)) different.push(shown(slot, "is no slot"));
  }
  return { expected, different };
}
