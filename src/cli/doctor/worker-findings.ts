import { HOUR } from "../../lib/clock.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../../task/records/worker.ts";
import type { Finding } from "./findings.ts";
import { showSpan } from "../times.ts";

/** How long it is worth a word that a worker was lost. */
const RECENT_MS = HOUR;
/** Workers told one by one. */
const MAX_TOLD = 5;

/**
 * A worker answers nobody: it is heard through its row, which it renews with each heartbeat.
 *
 * @param now by the database's clock, as the heartbeats are
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
    judgeHeard(live.length - silent.length),
    ...tell(silent, (worker) => judgeSilent(worker, silence(worker), lostAfterMs)),
    ...tell(lost, (worker) =>
      finding("warning", `${nameOf(worker)} was given up for lost; last heard ${ago(silence(worker))}.`),
    ),
  ];
}

/** Names of unfinished tasks that no live worker has a definition of: such tasks wait, without any error. */
export function judgeNames(waiting: readonly string[], workers: readonly WorkerRecord[]): readonly Finding[] {
  const live = workers.filter(({ status }) => LIVE_STATUSES.some((known) => known === status));
  const known = new Set(live.flatMap(({ definitions }) => definitions));
  const unknown = waiting.filter((name) => !known.has(name));
  if (unknown.length === 0 || live.length === 0) return [];
  const more = unknown.length > MAX_TOLD ? ` and ${unknown.length - MAX_TOLD} more` : "";
  const names = `${unknown.slice(0, MAX_TOLD).join(", ")}${more}`;
  return [
    finding(
      "warning",
      `no live worker knows ${names}: tasks of that name wait.`,
      "Start a worker with the files that define them.",
    ),
  ];
}

function judgeHeard(count: number): Finding {
  if (count > 0) return finding("good", `${count} ${count === 1 ? "worker is" : "workers are"} heard.`);
  return finding("warning", "no worker is heard: tasks wait.", "Start one with `lovage worker`.");
}

function judgeSilent(worker: WorkerRecord, silentMs: number, lostAfterMs: number): Finding {
  const what = `${nameOf(worker)} has been silent for ${showSpan(silentMs)}`;
  if (silentMs > 2 * lostAfterMs) {
    const remedy = "Start a server with `lovage server`: its sweeper takes them back.";
    return finding("bad", `${what}, and nobody took its tasks back.`, remedy);
  }
  return finding("warning", `${what}; after ${showSpan(lostAfterMs)} its tasks run again elsewhere.`);
}

function tell(workers: readonly WorkerRecord[], judge: (worker: WorkerRecord) => Finding): Finding[] {
  const more = workers.length - MAX_TOLD;
  const findings = workers.slice(0, MAX_TOLD).map(judge);
  if (more > 0) findings.push(finding("warning", `so it is with ${more} more; see \`lovage workers\`.`));
  return findings;
}

function nameOf({ name, hostname, pid }: WorkerRecord): string {
  return `worker ${name} (${hostname}, pid ${pid})`;
}

function ago(ms: number): string {
  return `${showSpan(ms)} ago`;
}

function finding(verdict: Finding["verdict"], what: string, remedy: string | null = null): Finding {
  return { check: "workers", verdict, what, remedy };
}
