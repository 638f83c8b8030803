import { HOUR } from "../../lib/clock.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../../task/records/worker.ts";
import type { Finding } from "./findings.ts";
import { showDuration } from "../times.ts";

/** How long a lost worker is reported. */
const RECENT_MS = HOUR;
/** Workers reported one by one. */
const MAX_LISTED = 5;

/**
 * Judges workers by their rows, which they update with each heartbeat.
 *
 * @param now the database's time, as in the heartbeats
 * @param lostAfterMs the setting workerLostAfter
 */
export function judgeWorkers(
  workers: readonly WorkerRecord[],
  now: Date,
  lostAfterMs: number,
): readonly Finding[] {
  const silence = (worker: WorkerRecord): number => now.getTime() - worker.lastHeartbeatAt.getTime();
  const live = workers.filter(({ status }) => LIVE_STATUSES.some((known) => known === status));
  const silent = live.filter((worker) => silence(worker) > lostAfterMs / 2);
  const lost = workers.filter((worker) => worker.status === "LOST" && silence(worker) < RECENT_MS);
  return [
    judgeAlive(live.length - silent.length),
    ...list(silent, (worker) => judgeSilent(worker, silence(worker), lostAfterMs)),
    ...list(lost, (worker) =>
      finding("warning", `${nameOf(worker)} was lost; its last heartbeat was ${ago(silence(worker))}.`),
    ),
  ];
}

/**
 * Reports names of unfinished tasks whose definition no live worker has: such tasks wait without an
 * error.
 */
export function judgeNames(waiting: readonly string[], workers: readonly WorkerRecord[]): readonly Finding[] {
  const live = workers.filter(({ status }) => LIVE_STATUSES.some((known) => known === status));
  const known = new Set(live.flatMap(({ definitions }) => definitions));
  const unknown = waiting.filter((name) => !known.has(name));
  if (unknown.length === 0 || live.length === 0) return [];
  const more = unknown.length > MAX_LISTED ? ` and ${unknown.length - MAX_LISTED} more` : "";
  const names = `${unknown.slice(0, MAX_LISTED).join(", ")}${more}`;
  return [
    finding(
      "warning",
      `no live worker has the definition of ${names}: tasks with that name wait.`,
      "Start a worker with the task file that defines it.",
    ),
  ];
}

function judgeAlive(count: number): Finding {
  if (count > 0)
    return finding("good", `${count} ${count === 1 ? "worker sends" : "workers send"} heartbeats.`);
  return finding("warning", "no worker sends heartbeats: tasks wait.", "Start one with `lovage worker`.");
}

function judgeSilent(worker: WorkerRecord, silentMs: number, lostAfterMs: number): Finding {
  const what = `${nameOf(worker)} has sent no heartbeat for ${showDuration(silentMs)}`;
  if (silentMs > 2 * lostAfterMs) {
    const remedy = "Start a server with `lovage server`: its sweeper rescues them.";
    return finding("bad", `${what}, and no server has rescued its tasks.`, remedy);
  }
  return finding("warning", `${what}; after ${showDuration(lostAfterMs)} its tasks are rescued.`);
}

function list(workers: readonly WorkerRecord[], judge: (worker: WorkerRecord) => Finding): Finding[] {
  const more = workers.length - MAX_LISTED;
  const findings = workers.slice(0, MAX_LISTED).map(judge);
  if (more > 0)
    findings.push(finding("warning", `${more} more workers are in the same state; see \`lovage workers\`.`));
  return findings;
}

function nameOf({ name, hostname, pid }: WorkerRecord): string {
  return `worker ${name} (${hostname}, pid ${pid})`;
}

function ago(ms: number): string {
  return `${showDuration(ms)} ago`;
}

function finding(verdict: Finding["verdict"], what: string, remedy: string | null = null): Finding {
  return { check: "workers", verdict, what, remedy };
}
