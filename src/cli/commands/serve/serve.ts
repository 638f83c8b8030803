import { existsSync } from "node:fs";
import { join } from "node:path";
import type { App, AppRole } from "../../../app/app.ts";
import type { Config } from "../../../config/config.ts";
import { discoverDefinitions, refuseNoDefinitions } from "../../../loading/discovery.ts";
import { probeAddress } from "../../../graphql/http/listen-address.ts";
import { shortPath } from "../../../loading/import-user-file.ts";
import { SECOND } from "../../../lib/clock.ts";
import { guardExit } from "../../../lib/process/exit-guard.ts";
import { tameHeap } from "../../../lib/process/heap.ts";
import { createLogger, type Logger } from "../../../lib/log/log.ts";
import { Registry } from "../../../task/definition/registry.ts";
import { printBanner } from "./banner.ts";
import type { CommandContext } from "../../context.ts";
import { type DevTurn, joinDev } from "../dev/join-dev.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import type { Output } from "../../output.ts";
import { showDuration } from "../../times.ts";

export type ServingRole = "up" | "server" | "worker" | "beat";

const ROLES = {
  up: ["server", "worker", "maintenance", "beat"],
  server: ["server", "maintenance"],
  worker: ["worker"],
  beat: ["beat"],
} as const satisfies Record<ServingRole, readonly AppRole[]>;

/** How long stopping may exceed the grace time before the process ends without it. */
const STOP_MARGIN_MS = 15 * SECOND;
/** The longest time between the two signals of one Ctrl-C under npm. */
const ECHO_MS = 200;
const STOP_AFTER_CRASH_MS = 5 * SECOND;

/** `lovage up`, `server`, `worker`, `beat`: runs until a signal or an uncaught error. */
export async function serve(context: CommandContext, role: ServingRole): Promise<ExitCode> {
  const { output, cwd } = context;
  const letHeapWork = tameHeap();
  const turn = joinDev();
  const { config, extensions, file } = await context.loadConfig(role);
  const log = openLog(config);
  // Before the task files run: an unhandled rejection in one of them must not end the process with
  // a bare stack trace.
  process.on("unhandledRejection", (error) => log.error("Unhandled promise rejection", { err: error }));
  const search = { globs: config.tasks, cwd };
  const tasks = await discoverDefinitions(search);
  await refuseNoDefinitions(tasks, search);
  // Refuses definitions that share a name before anything is created.
  const registry = new Registry(tasks);
  if (turn !== null) await waitForTurn(turn, registry, search.globs);
  if (role === "up" || role === "server") await probeAddress(config);
  if (config.databaseUrl === null) output.note(openingLine(config.embeddedDir, cwd));
  // Loaded late, so that problems of settings and task files are reported at once.
  const { App } = await import("../../../app/app.ts");
  using _guard = guardExit((call) => {
    log.fatal("process.exit() ended the process while it was serving; its running tasks will run again", {
      ...call,
      exitCode: EXIT.bug,
    });
    return EXIT.bug;
  });
  const end = Promise.withResolvers<ExitCode>();
  // Like signals: the first lets running tasks end, the second requeues them.
  const onShutdown = (drain: boolean): void => stopTo("A command", drain ? 1 : 2);
  const app = new App({
    ...{ config, tasks, log, onShutdown },
    roles: ROLES[role],
    extensions: { ...extensions, file },
  });
  // Before the start, so that Ctrl-C ends a slow start.
  const stopTo = stopOnSignals(app, config, output, end.resolve);
  stopOnCrash(app, log, end.resolve);
  void app.databaseLost.then((error) => {
    log.fatal(`${error.message}. The process ends; accepted tasks are stored in ${config.embeddedDir}`);
    stopSoon(app, EXIT.unreachable, end.resolve);
  });
  const started = app.start().then(() => {
    // Beat is idle most of the time: there memory matters more than speed.
    if (role !== "beat") letHeapWork();
    printBanner(output, app.describe(), config);
    turn?.ready();
    if (process.getuid?.() === 0)
      log.warn("The process runs as root, and so do all tasks; run it as a user with fewer rights");
  });
  // A failed start stops itself and ends the command; later only a signal or a crash does.
  return await Promise.race([end.promise, started.then(() => end.promise)]);
}

/** Under `lovage dev`: refuses invalid definitions while the previous process still serves. */
async function waitForTurn(turn: DevTurn, registry: Registry, globs: readonly string[]): Promise<void> {
  const { buildLovageSchema } = await import("../../../graphql/schema.ts");
  buildLovageSchema(registry);
  await turn.wait(globs);
}

/** The note during a slow start: creating the embedded database takes seconds on some machines. */
function openingLine(embeddedDir: string, cwd: string): string {
  const verb = existsSync(join(embeddedDir, "data")) ? "Opening" : "Creating";
  return `${verb} the embedded database in ${shortPath(embeddedDir, cwd)}/ …`;
}

/** The configured log, on stderr. */
export function openLog({ logLevel, logFormat, timeZone }: Config): Logger {
  return createLogger({
    ...{ level: logLevel, timeZone },
    ...(logFormat === "auto" ? {} : { pretty: logFormat === "pretty" }),
  });
}

/** Stops the app on signals. Returns a function that acts like the given number of signals. */
function stopOnSignals(
  app: App,
  { graceTime }: Config,
  output: Output,
  end: (code: ExitCode) => void,
): (cause: string, step: number) => void {
  let signals = 0;
  let last = -Infinity;
  const stop = (cause: string): void => {
    signals += 1;
    if (signals === 1) {
      output.note(
        `${cause}: stopping. Running tasks may take up to ${showDuration(graceTime)}; another signal requeues them at once.`,
      );
      giveUpAfter(graceTime + STOP_MARGIN_MS, output, end);
      app.stop().then(
        () => end(EXIT.ok),
        (error: unknown) => fail(output, error, end),
      );
    } else if (signals === 2) {
      output.note(`${cause}: requeueing running tasks.`);
      app.requeue();
    } else {
      end(EXIT.interrupted);
    }
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // Ctrl-C under npm arrives twice: from the terminal, and from npm.
    if (signal === "SIGINT" && performance.now() - last < ECHO_MS) return;
    last = performance.now();
    stop(signal);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return (cause, step) => {
    for (let left = step - signals; left > 0; left -= 1) stop(cause);
  };
}

/**
 * Ends a stop that hangs, so that a deploy does not wait for it. The sweeper rescues the remaining
 * tasks.
 */
function giveUpAfter(milliseconds: number, output: Output, end: (code: ExitCode) => void): void {
  setTimeout(() => {
    output.note(`✗ Not stopped after ${showDuration(milliseconds)}; the process ends now.`);
    end(EXIT.bug);
  }, milliseconds).unref();
}

function fail(output: Output, error: unknown, end: (code: ExitCode) => void): void {
  output.error(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`);
  end(EXIT.bug);
}

/** Stops the app after an uncaught error. */
function stopOnCrash(app: App, log: Logger, end: (code: ExitCode) => void): void {
  process.once("uncaughtException", (error) => {
    log.fatal("Uncaught error; the process ends", { err: error });
    stopSoon(app, EXIT.bug, end);
  });
}

/** Stops without the grace time, so that a supervisor can restart the process soon. */
function stopSoon(app: App, exitCode: ExitCode, end: (code: ExitCode) => void): void {
  setTimeout(end, STOP_AFTER_CRASH_MS, exitCode).unref();
  app.stop().then(
    () => end(exitCode),
    () => end(exitCode),
  );
  app.requeue();
}
