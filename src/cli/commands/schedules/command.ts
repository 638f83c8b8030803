import type { Command } from "commander";
import { type Serve, withServerUrl } from "../../command.ts";

/** `lovage schedule …`. */
export function addSchedules(program: Command, serve: Serve): void {
  const schedule = program.command("schedule").description("list, make, change, export and import schedules");
  addLooks(schedule, serve);
  addChanges(schedule, serve);
  addSwitches(schedule, serve);
  addFiles(schedule, serve);
}

/** `lovage import …`: from other systems. */
export function addImports(program: Command, serve: Serve): void {
  const imports = program.command("import").description("take over schedules from another task system");
  const celery = imports
    .command("celery-beat")
    .description("make schedules of the periodic tasks in the database of django-celery-beat")
    .requiredOption("--from <url>", "Django's database: postgres://user:password@host:5432/name; only read")
    .option(
      "--task-map <pairs...>",
      "what tasks are here: proj.tasks.add=sum.add, with names for positional arguments: proj.tasks.add='sum.add(x,y)'",
    )
    .option("--redis-priorities", "its broker was Redis, where priority 0 is the highest")
    .option("--dry-run", "report only");
  serve(withServerUrl(celery), async () => (await import("../../celery/import-celery.ts")).importCelery);
}

function addLooks(schedule: Command, serve: Serve): void {
  const list = schedule
    .command("list")
    .description("list schedules")
    .option("--search <text>", "with this in name, description or task")
    .option("--task <names...>", "of these task definitions")
    .option("--enabled", "enabled ones only")
    .option("--disabled", "disabled ones only");
  serve(withServerUrl(list), async () => (await import("./list.ts")).list);
  const show = schedule.command("show").description("show one schedule").argument("<name>", "its name");
  serve(withServerUrl(show), async () => (await import("./show.ts")).showSchedule);
  const preview = schedule
    .command("preview")
    .description("tell what a timing would do, without making a schedule")
    .option("--count <number>", "how many runs to tell (default 5)")
    .option("--lang <language>", "tell it in English (en) or Chinese (zh)");
  serve(withServerUrl(withTiming(preview)), async () => (await import("./preview.ts")).previewSchedule);
}

function addChanges(schedule: Command, serve: Serve): void {
  const add = schedule
    .command("add")
    .description("make a schedule")
    .argument("<name>", "its name")
    .argument("<task>", "the task definition's name");
  serve(withServerUrl(withFields(withTiming(add))), async () => (await import("./change.ts")).add);
  const update = schedule
    .command("update")
    .description('change what is said, and leave the rest; "none" takes a bound or the jitter away')
    .argument("<name>", "its name")
    .option("--rename <name>", "another name")
    .option("--task <task>", "another task definition")
    .option("--enabled", "let its slots give tasks");
  serve(withServerUrl(withFields(withTiming(update))), async () => (await import("./change.ts")).update);
}

function addSwitches(schedule: Command, serve: Serve): void {
  const load = () => import("./actions.ts");
  const named = (command: Command): Command =>
    withServerUrl(command.argument("<names...>", "names of schedules"));
  const enable = schedule.command("enable").description("let the slots of schedules give tasks");
  serve(named(enable), async () => (await load()).enable);
  const disable = schedule.command("disable").description("let their slots pass");
  serve(named(disable), async () => (await load()).disable);
  const run = schedule
    .command("run")
    .description("enqueue a task of each now; their slots go on as they are");
  serve(named(run), async () => (await load()).run);
  const remove = schedule.command("delete").description("delete schedules; their tasks stay");
  serve(named(remove), async () => (await load()).remove);
}

function addFiles(schedule: Command, serve: Serve): void {
  const exports = schedule
    .command("export")
    .description("print schedules as a file that import takes; without names all that came by the API")
    .argument("[names...]", "names of schedules")
    .option("--format <format>", "json or yaml (default yaml)");
  serve(withServerUrl(exports), async () => (await import("./import-export.ts")).exportSchedules);
  const imports = schedule
    .command("import")
    .description("make schedules what a JSON or YAML file says; prints what differs")
    .argument("<file>", 'the file; "-" reads standard input')
    .option("--prune", "delete schedules that came by the API and are not in the file")
    .option("--dry-run", "print what differs, and change nothing");
  serve(withServerUrl(imports), async () => (await import("./import-export.ts")).importSchedules);
}

function withTiming(command: Command): Command {
  return command
    .option("--every <duration>", "again and again, so far apart, e.g. 5s, 10m, 1d")
    .option("--cron <expression>", 'by the calendar, e.g. "30 9 * * MON-FRI"')
    .option("--at <time>", "once, e.g. 2030-05-01T09:00:00Z")
    .option("--solar <event>", "by the sun: sunrise, sunset, solar-noon, dawn-civil, …")
    .option("--latitude <degrees>", "of the sun's observer; north is positive")
    .option("--longitude <degrees>", "of the sun's observer; east is positive")
    .option("--time-zone <zone>", "whose clocks a crontab goes by (default: the server's)");
}

function withFields(command: Command): Command {
  return command
    .option("--args <json>", 'input of its tasks as JSON; "-" reads it from standard input')
    .option(
      "--options <json>",
      'options of its tasks as JSON, e.g. {"queue":"slow"}; the next ones go over it',
    )
    .option("--queue <name>", "queue to put its tasks in")
    .option("--priority <priority>", "low, normal, high or critical")
    .option("--delay <duration>", "run its tasks so long after their slot")
    .option("--expires-in <duration>", "give a task up that did not start within so long")
    .option("--time-limit <duration>", "longest run of one attempt")
    .option("--soft-time-limit <duration>", "ask an attempt to come to an end after so long")
    .option("--max-attempts <number>", "attempts in all")
    .option("--unique-key <key>", "one unfinished task per key")
    .option("--on-conflict <what>", "if the unique key is taken: return, replace or reject")
    .option("--tag <tags...>", "tags to give its tasks")
    .option("--description <text>", "for people")
    .option("--disabled", "let its slots pass until it is enabled")
    .option("--start-at <time>", "no slot before")
    .option("--end-at <time>", "no slot after")
    .option("--max-runs <number>", "end it after so many tasks")
    .option("--overlap <policy>", "with an unfinished task: allow, skip, queue or cancel-previous")
    .option("--misfire <policy>", "slots that nothing looked at: skip, fire-once or catch-up")
    .option("--jitter <duration>", "make each task up to so much later, by chance");
}
