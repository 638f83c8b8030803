import { existsSync } from "node:fs";
import { join } from "node:path";
import type { App, AppRole } from "../../../app/app.ts";
import type { Config } from "../../../config/config.ts";
import { discoverDefinitions, refuseNoDefinitions } from "../../../loading/discovery.ts";
import { probeAddress } from "../../../graphql/http/address.ts";
import { shortPath } from "../../../loading/import-user-file.ts";
import { SECOND } from "../../../lib/clock.ts";
import { guardExit } from "../../../lib/exit-guard.ts";
import { tameHeap } from "../../../lib/heap.ts";
import { createLogger, type Logger } from "../../../lib/log.ts";
import { Registry } from "../../../task/definition/registry.ts";
import { printBanner } from "./banner.ts";
import type { CommandContext } from "../../context.ts";
import { type DevTurn, joinDev } from "../dev/join-dev.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import type { Output } from "../../output.ts";
import { showSpan } from "../../times.ts";

export type ServingRole = "up" | "server" | "worker" | "beat";

const ROLES = {
  up: ["server", "worker", "maintenance", "beat"],
  server: ["server", "maintenance"],
  worker: ["worker"],
  beat: ["beat"],
} as const satisfies Record<ServingRole, readonly AppRole[]>;

/** What stopping may take beyond the grace time before the process ends all the same. */
const STOP_MARGIN_MS = 15 * SECOND;
const ECHO_MS = 200;
const STOP_AFTER_CRASH_MS = 5 * SECOND;

/** `lovage up`, `server`, `worker`, `beat`: runs until a signal, or until an error that nothing caught. */
export async function serve(context: CommandContext, role: ServingRole): Promise<ExitCode> {
  const { output, cwd } = context;
  const letHeapWork = tameHeap();
  const turn = joinDev();
  const { config, extensions, file } = await context.loadConfig(role);
  const log = openLog(config);
  // Before the task files run: a promise that one of them forgets must not end the process with a bare stack.
  process.on("unhandledRejection", (error) =>
    log.error("A promise was rejected and nothing handled it", { err: error }),
  );
  const search = { globs: config.tasks, cwd };
  const tasks = await discoverDefinitions(search);
  refuseNoDefinitions(tasks, search);
  // Definitions that share a name are refused before anything is made.
  const registry = new Registry(tasks);
  if (turn !== null) await waitForTurn(turn, registry, search.globs);
  if (role === "up" || role === "server") await probeAddress(config);
  if (config.databaseUrl === null) output.note(openingLine(config.embeddedDir, cwd));
  // Loaded late: what is wrong with settings or task files shall be told at once.
  const { App } = await import("../../../app/app.ts");
  using _guard = guardExit((call) => {
    log.fatal("process.exit() ended the process while it was serving; the tasks that it ran will run again", {
      ...call,
      exitCode: EXIT.bug,
    });
    return EXIT.bug;
  });
  const end = Promise.withResolvers<ExitCode>();
  // As if a signal had come: once to let what runs end, once more to give it back.
  const onShutdown = (drain: boolean): void => stopTo("A command", drain ? 1 : 2);
  const app = new App({
    ...{ config, tasks, log, onShutdown },
    roles: ROLES[role],
    extensions: { ...extensions, file },
  });
  // Before the start: Ctrl-C shall end a start that takes long.
  const stopTo = stopOnSignals(app, config, output, end.resolve);
  stopOnCrash(app, log, end.resolve);
  void app.databaseLost.then((error) => {
    log.fatal(`${error.message}. The process ends; what was accepted is in ${config.embeddedDir}`);
    stopSoon(app, EXIT.unreachable, end.resolve);
  });
  const started = app.start().then(() => {
    // A beat rests most of the time: the memory is worth more there than the speed.
    if (role !== "beat") letHeapWork();
    printBanner(output, app.describe(), config);
    turn?.ready();
    if (process.getuid?.() === 0)
      log.warn("The process runs as root, and so do all tasks; run it as a user with fewer rights");
  });
  // An error of the start ends the command; after it only a signal or a crash does. A failed start has stopped itself.
  return await Promise.race([end.promise, started.then(() => end.promise)]);
}

/** Under `lovage dev`: what the start would refuse of the definitions is refused while the process before this one still serves. */
async function waitForTurn(turn: DevTurn, registry: Registry, globs: readonly string[]): Promise<void> {
  const { buildLovageSchema } = await import("../../../graphql/schema.ts");
  buildLovageSchema(registry);
  await turn.wait(globs);
}

/** Making the embedded database takes a moment, on a slow machine some: what a start does until the banner says what runs. */
function openingLine(embeddedDir: string, cwd: string): string {
  const verb = existsSync(join(embeddedDir, "data")) ? "Opening" : "Creating";
  return `${verb} the embedded database in ${shortPath(embeddedDir, cwd)}/ …`;
}

/** The log as the settings want it, on stderr. */
export function openLog({ logLevel, logFormat, timeZone }: Config): Logger {
  return createLogger({
    ...{ level: logLevel, timeZone },
    ...(logFormat === "auto" ? {} : { pretty: logFormat === "pretty" }),
  });
}

/** @returns what stops it as so many signals do */
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
        `${cause}: stopping. Running tasks have up to ${showSpan(graceTime)}; once more gives them back at once.`,
      );
      giveUpAfter(graceTime + STOP_MARGIN_MS, output, end);
      app.stop().then(
        () => end(EXIT.ok),
        (error: unknown) => fail(output, error, end),
      );
    } else if (signals === 2) {
      output.note(`${cause}: giving back what runs.`);
      app.requeue();
    } else {
      end(EXIT.interrupted);
    }
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // Ctrl-C under npm arrives twice: once from the terminal, once passed on by npm.
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

/** A stop that does not come to its end must not keep a deploy waiting. What is left undone comes back by the sweeper. */
function giveUpAfter(milliseconds: number, output: Output, end: (code: ExitCode) => void): void {
  setTimeout(() => {
    output.note(`✗ Not stopped after ${showSpan(milliseconds)}; ending all the same.`);
    end(EXIT.bug);
  }, milliseconds).unref();
}

function fail(output: Output, error: unknown, end: (code: ExitCode) => void): void {
  output.error(`Stopping failed: ${error instanceof Error ? error.message : String(error)}`);
  end(EXIT.bug);
}

/** An error nobody caught ends the process in good order. */
function stopOnCrash(app: App, log: Logger, end: (code: ExitCode) => void): void {
  process.once("uncaughtException", (error) => {
    log.fatal("An error was thrown and nothing caught it; the process ends", { err: error });
    stopSoon(app, EXIT.bug, end);
  });
}

/** Without the grace time: something is wrong, and a supervisor should start the process again. */
function stopSoon(app: App, exitCode: ExitCode, end: (code: ExitCode) => void): void {
  setTimeout(end, STOP_AFTER_CRASH_MS, exitCode).unref();
  app.stop().then(
    () => end(exitCode),
    () => end(exitCode),
  );
  app.requeue();
}
