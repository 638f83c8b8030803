import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { convertCrontab } from "../../../../src/cli/celery/crontab.ts";
import type { CeleryCrontab } from "../../../../src/cli/celery/read-tables.ts";
import { DAY, MINUTE } from "../../../../src/lib/clock.ts";
import { findCrontabMistake } from "../../../../src/task/timing/crontab-fields.ts";
import { Occurrences } from "../../../../src/task/timing/occurrences.ts";
import { type CeleryBeatDatabase, startCeleryBeat } from "../../../support/servers/celery-beat.ts";
import { type Child, startChild } from "../../../support/child.ts";
import { freshDatabase } from "../../../support/servers/global-servers.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { CLI, runCli } from "../../../support/run-cli.ts";

const TASKS = `
import { defineTask } from "lovage";
import { z } from "zod";

export const report = defineTask({
  name: "report.make",
  input: z.object({ year: z.number(), who: z.string().optional() }),
  run: () => null,
});
export const any = defineTask({ name: "proj.tasks.any", run: () => null });
`;

/** As people make them in Django's admin, and by code. */
const ROWS = `
interval = lambda every, period: IntervalSchedule.objects.create(every=every, period=period)
crontab = lambda **fields: CrontabSchedule.objects.create(**fields)
def task(name, task="proj.tasks.any", **fields):
    return PeriodicTask.objects.create(name=name, task=task, **fields)
task("every 5 s", interval=interval(5, IntervalSchedule.SECONDS))
task("every 2 days", interval=interval(2, IntervalSchedule.DAYS), enabled=False, description="Two days.",
     kwargs=json.dumps({"x": [1, {"y": None}]}), queue="slow", expire_seconds=90, priority=9)
task("too often", interval=interval(500, IntervalSchedule.MICROSECONDS))
task("mornings", task="proj.tasks.report", kwargs=json.dumps({"year": 2026}),
     crontab=crontab(minute="30", hour="9", day_of_week="mon-fri", timezone="Europe/Vienna"))
task("weekend", crontab=crontab(minute="0", hour="22-4", day_of_week="fri-sun", timezone="UTC"))
task("first Monday", crontab=crontab(minute="0", hour="8", day_of_month="1-7", day_of_week="1"))
task("both days", crontab=crontab(minute="0", hour="8", day_of_month="13", day_of_week="5"))
task("sunrise", solar=SolarSchedule.objects.create(event="sunrise", latitude="48.208174", longitude="-16.373819"))
task("dusk", solar=SolarSchedule.objects.create(event="dusk_astronomical", latitude="-33.9", longitude="18.4"))
clocked = lambda at: ClockedSchedule.objects.create(clocked_time=at)
task("new year", clocked=clocked(datetime(2090, 1, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))), one_off=True)
task("old year", clocked=clocked(datetime(2020, 1, 1, tzinfo=timezone.utc)), one_off=True)
task("once", interval=interval(1, IntervalSchedule.HOURS), one_off=True)
task("did so", interval=interval(3, IntervalSchedule.HOURS), one_off=True, total_run_count=1)
task("bounded", interval=interval(10, IntervalSchedule.MINUTES),
     start_time=datetime(2080, 1, 1, tzinfo=timezone.utc), expires=datetime(2081, 1, 1, tzinfo=timezone.utc))
task("expired", interval=interval(20, IntervalSchedule.MINUTES), expires=datetime(2021, 1, 1, tzinfo=timezone.utc))
task("positional", interval=interval(30, IntervalSchedule.MINUTES), args=json.dumps([1, 2]))
task("one object", interval=interval(40, IntervalSchedule.MINUTES), args=json.dumps([{"a": 1}]))
task("routed", interval=interval(50, IntervalSchedule.MINUTES), exchange="media", routing_key="video",
     headers=json.dumps({"tenant": 7}))
task("unknown", task="proj.tasks.gone", interval=interval(60, IntervalSchedule.MINUTES))
task("wrong args", task="proj.tasks.report", interval=interval(70, IntervalSchedule.MINUTES),
     kwargs=json.dumps({"year": "x"}))
task("celery.backend_cleanup", task="celery.backend_cleanup",
     crontab=crontab(minute="0", hour="4"), expire_seconds=43200)
print(PeriodicTask.objects.count())
`;

const folder = await tempDir();
let django: CeleryBeatDatabase;
let up: Child;
let url: string;
beforeAll(async () => {
  django = await startCeleryBeat();
  expect((await django.python(ROWS)).trim()).toBe("21");
  await writeFile(join(folder.path, "a.tasks.mjs"), TASKS);
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json"], {
    cwd: folder.path,
    env: { TZ: "UTC" },
  });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
}, 400_000);
afterAll(async () => {
  await up?.[Symbol.asyncDispose]();
  await django?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(...args: string[]) {
  return runCli(args, { cwd: folder.path, env: { LOVAGE_URL: url } });
}

const MAP = ["--task-map", "proj.tasks.report=report.make"];
const importCelery = (...args: string[]) =>
  run("import", "celery-beat", "--from", django.url, ...MAP, ...args);

const MADE = [
  "both days",
  "bounded",
  "did so",
  "dusk",
  "every 2 days",
  "every 5 s",
  "first Monday",
  "mornings",
  "new year",
  "once",
  "one object",
  "routed",
  "sunrise",
  "weekend",
];

const REPORT = `= 0 unchanged
! did so: has run once, as it should, and is imported as disabled
! every 2 days: priority 9 becomes CRITICAL (9 is the highest, as with RabbitMQ)
! routed: exchange "media" cannot be converted and is omitted
! routed: routing key "video" cannot be converted and is omitted
! routed: headers {"tenant":7} cannot be converted and is omitted
✗ expired: cannot be converted: it expired at 2021-01-01T00:00:00.000Z
✗ old year: cannot be converted: its time, 2020-01-01T00:00:00.000Z, has passed
✗ positional: cannot be converted: it has positional arguments [1,2], and the input of a task is an object: name them with --task-map "old=new(first,second)"
✗ too often: cannot be converted: every 500 microseconds is less than a second, the shortest interval here
✗ unknown: cannot be converted: Task "proj.tasks.gone" is not registered. Did you mean "proj.tasks.any"? See \`lovage definitions\`. Or map it with --task-map old=new.
✗ wrong args: cannot be converted: args.year: expected number, got "x".
· celery.backend_cleanup: skipped: it deletes Celery's results; here the setting resultsExpire does that
21 periodic tasks: 14 created, 0 changed, 0 unchanged, 6 not converted, 1 skipped
`;

/**
 * Crontabs by chance, and when Celery itself would run them: the minutes of a day, and the days of
 * a year.
 */
const CRONTABS = `
import random
from celery.schedules import crontab
random.seed(7)
def part(least, most, names):
    word = lambda: random.choice(names) if names and random.random() < .4 else str(random.randint(least, most))
    form = random.random()
    if form < .5: return word()
    if form < .8: return word() + "-" + word()
    if form < .9: return "*/" + str(random.randint(1, most + 5))
    return word() + "-" + word() + "/" + str(random.randint(1, 4))
def field(least, most, names=None, star=.5):
    if random.random() < star: return "*"
    return ",".join(part(least, most, names) for _ in range(random.randint(1, 3)))
days = ["sun", "mon", "tue", "wed", "Thu", "friday", "SATURDAY"]
weeks = ["1-7", "8-14", "15-21", "22-28", "29-31"]
day = datetime(2027, 1, 1)
for _ in range(200):
    fields = dict(minute=field(0, 59), hour=field(0, 23), month_of_year=field(1, 12, star=.7),
        day_of_week=field(0, 6, days), day_of_month=field(1, 31, star=.6) if random.random() < .7
            else ",".join(random.sample(weeks, random.randint(1, 4))))
    c = crontab(**fields)
    runs = [(day + timedelta(days=n)) for n in range(365)]
    print(json.dumps(dict(fields=fields, minutes=sorted(h * 60 + m for h in c.hour for m in c.minute),
        days=[n for n, at in enumerate(runs) if at.month in c.month_of_year and at.day in c.day_of_month
            and at.isoweekday() % 7 in c.day_of_week])))
`;

interface CeleryRuns {
  readonly fields: CeleryCrontab;
  readonly minutes: readonly number[];
  readonly days: readonly number[];
}

test("crontabs run here exactly when Celery runs them", async () => {
  const lines = (await django.python(CRONTABS)).trim().split("\n");
  const begin = Date.UTC(2027, 0, 1);
  for (const { fields, minutes, days } of lines.map((line) => JSON.parse(line) as CeleryRuns)) {
    const { expression, problem } = { expression: "", ...convertCrontab(fields) };
    expect(problem).toBeUndefined();
    expect(findCrontabMistake(expression), JSON.stringify(fields)).toBeNull();
    const slots = new Occurrences({ kind: "crontab", expression }, "UTC", new Date(begin));
    const dayOf = (slot: Date) => Math.floor((slot.getTime() - begin) / DAY);
    const found: number[] = [];
    for (let at = slots.next(new Date(begin - 1)); at && dayOf(at) < 365;) {
      if (found.length === 0) {
        const sameDay = slots.take(minutes.length, new Date(at.getTime() - 1));
        expect(
          sameDay.map((slot) => (slot.getTime() - begin) / MINUTE - dayOf(slot) * 1440),
          `${JSON.stringify(fields)} as ${expression}`,
        ).toEqual(minutes);
      }
      found.push(dayOf(at));
      at = slots.next(new Date(begin + (dayOf(at) + 1) * DAY - 1));
    }
    expect(found, `${JSON.stringify(fields)} as ${expression}`).toEqual(days);
  }
  expect(lines).toHaveLength(200);
});

describe("lovage import celery-beat, on a database that the real package made", () => {
  test("--dry-run prints everything and creates nothing", async () => {
    const { exitCode, stdout, stderr } = await importCelery("--dry-run");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "Nothing was changed: --dry-run.\n" });
    expect(stdout).toBe(`${MADE.map((name) => `+ ${name}\n`).join("")}${REPORT}`);
    expect((await run("schedule", "list", "--json")).stdout).toBe("[]\n");
  });

  test("creates a schedule for each row that has a counterpart", async () => {
    const { exitCode, stdout, stderr } = await importCelery();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(`${MADE.map((name) => `+ ${name}\n`).join("")}${REPORT}`);
    const { stdout: file } = await run("schedule", "export", "--format", "json");
    const { schedules } = JSON.parse(file) as { readonly schedules: readonly { readonly name: string }[] };
    const common = { taskName: "proj.tasks.any", timeZone: "UTC", enabled: true };
    expect(Object.fromEntries(schedules.map(({ name, ...schedule }) => [name, schedule]))).toEqual({
      "both days": { ...common, timing: { crontab: "0 8 13 * +5" } },
      bounded: {
        ...common,
        timing: { interval: { every: "PT10M" } },
        startAt: "2080-01-01T00:00:00.000Z",
        endAt: "2081-01-01T00:00:00.000Z",
      },
      "did so": { ...common, timing: { interval: { every: "PT3H" } }, maxRuns: 1, enabled: false },
      dusk: {
        ...common,
        timing: { solar: { event: "DUSK_ASTRONOMICAL", latitude: -33.9, longitude: 18.4 } },
      },
      "every 2 days": {
        ...common,
        timing: { interval: { every: "P2D" } },
        enabled: false,
        description: "Two days.",
        args: { x: [1, { y: null }] },
        options: { queue: "slow", priority: "CRITICAL", expiresIn: "PT1M30S" },
      },
      "every 5 s": { ...common, timing: { interval: { every: "PT5S" } } },
      "first Monday": { ...common, timing: { crontab: "0 8 1-7 * +1" } },
      mornings: {
        ...common,
        taskName: "report.make",
        timing: { crontab: "30 9 * * MON-FRI" },
        timeZone: "Europe/Vienna",
        args: { year: 2026 },
      },
      "new year": { ...common, timing: { clocked: "2090-01-01T00:30:00.000Z" }, maxRuns: 1 },
      once: { ...common, timing: { interval: { every: "PT1H" } }, maxRuns: 1 },
      "one object": { ...common, timing: { interval: { every: "PT40M" } }, args: { a: 1 } },
      routed: { ...common, timing: { interval: { every: "PT50M" } } },
      sunrise: {
        ...common,
        timing: { solar: { event: "SUNRISE", latitude: 48.208174, longitude: -16.373819 } },
      },
      weekend: { ...common, timing: { crontab: "0 0-4,22-23 * * 0,5-6" } },
    });
  });

  test("a second time it changes nothing", async () => {
    const { exitCode, stdout } = await importCelery("--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: false, created: [], updated: [], unchanged: MADE });
    const versions = JSON.parse((await run("schedule", "list", "--json")).stdout) as { version: number }[];
    expect(versions.map(({ version }) => version)).toEqual(MADE.map(() => 1));
  });

  test("adopts changes that were made in Django since", async () => {
    await django.python(`
PeriodicTask.objects.filter(name="mornings").update(enabled=False)
IntervalSchedule.objects.filter(every=5).update(every=7)
PeriodicTask.objects.filter(name="unknown").update(task="proj.tasks.any")
`);
    const { exitCode, stdout } = await importCelery("--redis-priorities");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").slice(0, 5)).toEqual([
      "+ unknown",
      expect.stringMatching(/^~ every 2 days: options .*"CRITICAL".* -> .*"LOW".*$/),
      '~ every 5 s: timing {"interval":{"every":"PT5S"}} -> {"interval":{"every":"PT7S"}}',
      "~ mornings: enabled true -> false",
      "= 11 unchanged",
    ]);
    expect(stdout).toContain(
      "21 periodic tasks: 1 created, 3 changed, 11 unchanged, 5 not converted, 1 skipped\n",
    );
    expect((await importCelery("--redis-priorities")).stdout).toContain("= 15 unchanged");
  });

  test("wrong pairs are refused, and unused pairs are reported", async () => {
    const wrong = await run("import", "celery-beat", "--from", django.url, "--task-map", "a", "b=1");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toMatch(
      /^✗ --task-map: expected old=new or .*, got "a"\.\n✗ --task-map: .*"b=1"\.\n$/,
    );
    const unused = await importCelery("proj.tasks.repotr=report.make", "--dry-run");
    expect(unused.stderr).toContain(
      '! --task-map: no periodic task runs "proj.tasks.repotr". Did you mean "proj.tasks.report"?',
    );
  });

  test("an unusable database is reported in one line", async () => {
    const empty = await freshDatabase();
    const from = (to: string) => run("import", "celery-beat", "--from", to);
    const { host } = new URL(empty.url);
    expect(await from(empty.url)).toMatchObject({
      exitCode: 65,
      stderr: expect.stringMatching(
        /^✗ the database \S+ has no table django_celery_beat_periodictask\. .*\n$/,
      ),
    });
    await empty.drop();
    expect(await from(empty.url)).toMatchObject({
      exitCode: 78,
      stderr: expect.stringMatching(/^✗ PostgreSQL at \S+ has no such database: .*change --from\.\n$/),
    });
    expect(await from("postgres://127.0.0.1:1/x")).toMatchObject({
      exitCode: 69,
      stderr: "✗ Cannot reach PostgreSQL at 127.0.0.1:1/x (ECONNREFUSED). Start it, or change --from.\n",
    });
    expect(await from(`postgres://${host}`)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^✗ --from names no database\./),
    });
    expect(await from("sqlite:///db.sqlite3")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^✗ --from: expected a URL such as postgres:/),
    });
  });
});
