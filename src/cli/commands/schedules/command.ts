import type { Command } from "commander";
import { type Serve, withServerUrl } from "../../command.ts";

/** `lovage schedule …`. */
export function addSchedules(program: Command, serve: Serve): void {
  const schedule = program
    .command("schedule")
    .description("list, create, change, export and import schedules");
  addReads(schedule, serve);
  addChanges(schedule, serve);
  addActions(schedule, serve);
  addFiles(schedule, serve);
}

/** `lovage import …`: from other task systems. */
export function addImports(program: Command, serve: Serve): void {
  const imports = program.command("import").description("import schedules from another task system");
  const celery = imports
    .command("celery-beat")
    .description("create schedules from the periodic tasks in the database of django-celery-beat")
    .requiredOption("--from <url>", "read this database of Django: postgres://user:password@host:5432/name")
    .option(
      "--task-map <pairs...>",
      "map Celery's task names: proj.tasks.add=sum.add, with names of positional arguments: proj.tasks.add='sum.add(x,y)'",
    )
    .option("--redis-priorities", "read 0 as the highest priority, as Celery does with a Redis broker")
    .option("--dry-run", "print the report without changing anything");
  serve(withServerUrl(celery), async () => (await import("../../celery/import-celery.ts")).importCelery);
}

function addReads(schedule: Command, serve: Serve): void {
  const list = schedule
    .command("list")
    .description("list schedules")
    .option("--search <text>", "only schedules with this string in name, description or task")
    .option("--task <names...>", "only schedules of these task definitions")
    .option("--enabled", "only enabled schedules")
    .option("--disabled", "only disabled schedules");
  serve(withServerUrl(list), async () => (await import("./list.ts")).list);
  const show = schedule
    .command("show")
    .description("show a schedule")
    .argument(...NAME);
  serve(withServerUrl(show), async () => (await import("./show.ts")).showSchedule);
  const preview = schedule
    .command("preview")
    .description("describe a timing and print its next runs, without creating a schedule")
    .option("--count <number>", "print this many runs, 1 to 100 (default 5)")
    .option("--lang <language>", "describe it in English (en) or Chinese (zh)");
  serve(withServerUrl(withTiming(preview)), async () => (await import("./preview.ts")).previewSchedule);
}

function addChanges(schedule: Command, serve: Serve): void {
  const add = schedule
    .command("add")
    .description("create a schedule")
    .argument(...NAME)
    .argument("<task>", "name of the task definition");
  serve(withServerUrl(withFields(withTiming(add))), async () => (await import("./change.ts")).add);
  const update = schedule
    .command("update")
    .description('change what the options name, and nothing else; "none" removes a bound or the jitter')
    .argument(...NAME)
    .option("--rename <name>", "give it another name")
    .option("--task <task>", "enqueue tasks of another definition")
    .option("--enabled", "enable it");
  serve(withServerUrl(withFields(withTiming(update))), async () => (await import("./change.ts")).update);
}

function addActions(schedule: Command, serve: Serve): void {
  const load = () => import("./actions.ts");
  const named = (command: Command): Command =>
    withServerUrl(command.argument("<names...>", "names of the schedules"));
  const enable = schedule.command("enable").description("enable schedules");
  serve(named(enable), async () => (await load()).enable);
  const disable = schedule.command("disable").description("disable schedules: they enqueue no tasks");
  serve(named(disable), async () => (await load()).disable);
  const run = schedule
    .command("run")
    .description("enqueue a task of each schedule now; their timing does not change");
  serve(named(run), async () => (await load()).run);
  const remove = schedule.command("delete").description("delete schedules and keep their tasks");
  serve(named(remove), async () => (await load()).remove);
}

function addFiles(schedule: Command, serve: Serve): void {
  const load = () => import("./import-export.ts");
  const exports = schedule
    .command("export")
    .description("print schedules as a file for import; without names, all that were created by the API")
    .argument("[names...]", "names of the schedules")
    .option("--format <format>", "print json or yaml (default yaml)");
  serve(withServerUrl(exports), async () => (await load()).exportSchedules);
  const imports = schedule
    .command("import")
    .description("create and change schedules from a JSON or YAML file, and print the differences")
    .argument("<file>", 'path of the file; "-" reads standard input')
    .option("--prune", "delete schedules that were created by the API and are not in the file")
    .option("--dry-run", "print the differences without changing anything");
  serve(withServerUrl(imports), async () => (await load()).importSchedules);
}

const NAME = ["<name>", "name of the schedule"] as const;

function withTiming(command: Command): Command {
  return command
    .option("--every <duration>", "run at this interval, e.g. 5s, 10m, 1d")
    .option("--cron <crontab>", 'run by this crontab, e.g. "30 9 * * MON-FRI"')
    .option("--at <time>", "run once, at this time, e.g. 2030-05-01T09:00:00Z")
    .option("--solar <event>", "run at this event of the sun: sunrise, sunset, solar-noon, dawn-civil, …")
    .option("--latitude <degrees>", "place the sun's observer at this latitude; north is positive")
    .option("--longitude <degrees>", "place the sun's observer at this longitude; east is positive")
    .option("--time-zone <zone>", "read the crontab in this time zone (default the server's)");
}

function withFields(command: Command): Command {
  return command
    .option("--args <json>", 'set the input of its tasks as JSON; "-" reads standard input')
    .option(
      "--options <json>",
      'set the options of its tasks as JSON, e.g. {"queue":"slow"}; the options below override them',
    )
    .option("--queue <name>", "enqueue its tasks in this queue")
    .option("--priority <priority>", "set the priority of its tasks: low, normal, high or critical")
    .option("--delay <duration>", "run its tasks this long after they are due")
    .option("--expires-in <duration>", "expire a task that has not started after this duration")
    .option("--time-limit <duration>", "end an attempt after this duration")
    .option("--soft-time-limit <duration>", "ask an attempt to stop after this duration")
    .option("--max-attempts <number>", "make at most this many attempts")
    .option("--unique-key <key>", "allow one unfinished task with this key")
    .option("--on-conflict <what>", "when the unique key is taken: return, replace or reject")
    .option("--tag <tags...>", "add tags to its tasks")
    .option("--description <text>", "set its description")
    .option("--disabled", "disable it: it enqueues no tasks")
    .option("--start-at <time>", "enqueue no task before this time")
    .option("--end-at <time>", "enqueue no task after this time")
    .option("--max-runs <number>", "end it after this many tasks")
    .option("--overlap <policy>", "while a task is unfinished: allow, skip, queue or cancel-previous")
    .option("--misfire <policy>", "for missed runs: skip, fire-once or catch-up")
    .option("--jitter <duration>", "delay each task by a random duration up to this");
}
