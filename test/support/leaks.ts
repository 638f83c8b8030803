import { readdirSync, readFileSync } from "node:fs";
import { Server, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** What this process has open: resources that keep it running, by kind, and its child processes. */
export interface Resources {
  readonly counts: ReadonlyMap<string, number>;
  readonly handles: ReadonlySet<object>;
  readonly children: ReadonlySet<string>;
}

export function resourcesNow(): Resources {
  const kinds = Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind);
  return {
    counts: new Map([...kinds].map(([kind, all]) => [kind, all.length])),
    handles: new Set(activeHandles()),
    children: new Set(childrenNow()),
  };
}

/** One line for each resource that is open now and was not before. */
export function leaksOf(before: Resources): string[] {
  const now = resourcesNow();
  const sockets = [...now.handles].filter((handle) => !before.handles.has(handle)).flatMap(describeHandle);
  const children = [...now.children].filter((child) => !before.children.has(child)).map(describeChild);
  const others = [...now.counts]
    .map(([kind, count]) => ({ kind, more: count - (before.counts.get(kind) ?? 0) }))
    .filter(({ kind, more }) => more > 0 && !OMITTED.has(kind))
    .map(({ kind, more }) => `${more} × ${kind}`);
  return [...sockets, ...children, ...others];
}

type Look = () => string[] | Promise<string[]>;

/**
 * Throws what is still there after some time: what was closed a moment ago is listed a little
 * longer.
 */
export async function refuseLeaks(looks: readonly Look[], patienceMs = 10_000): Promise<void> {
  const leaks = await Promise.all(looks.map((look) => lasting(look, patienceMs)));
  if (leaks.flat().length > 0) throw new Error(`This file leaves behind:\n  ${leaks.flat().join("\n  ")}`);
}

async function lasting(look: Look, patienceMs: number): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  let leaks = await look();
  while (leaks.length > 0 && performance.now() < deadline) {
    await pause(20, undefined, { ref: false });
    leaks = await look();
  }
  return leaks;
}

/**
 * Kinds that have lines of their own: sockets, servers and pipes as handles, child processes by
 * their ids.
 */
const DESCRIBED = ["TCPSocketWrap", "TCPServerWrap", "PipeWrap", "PipeServerWrap", "ProcessWrap"];
/**
 * Node lists a monitor of the event loop that was made and never enabled, although nothing waits
 * for it.
 */
const HARMLESS = ["IntervalHistogram"];
const OMITTED = new Set([...DESCRIBED, ...HARMLESS]);

function describeHandle(handle: object): string[] {
  if (handle instanceof Server) return [`a server that listens on ${place(handle.address())}`];
  // The pipes of a child have no address: the child has a line of its own.
  if (!(handle instanceof Socket) || handle.remotePort === undefined) return [];
  return [`a socket from port ${handle.localPort} to ${handle.remoteAddress}:${handle.remotePort}`];
}

function place(address: ReturnType<Server["address"]>): string {
  return typeof address === "string" ? address : `${address?.address}:${address?.port}`;
}

// Node names kinds of resources, not the resources; the handles themselves it gives without
// documentation.
function activeHandles(): object[] {
  return (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles();
}

/** Ids of the child processes of this process (Linux), also of those that it does not wait for. */
function childrenNow(): string[] {
  const tasks = `/proc/self/task`;
  try {
    return readdirSync(tasks).flatMap((task) =>
      readFileSync(`${tasks}/${task}/children`, "utf8")
        .split(" ")
        .filter((id) => id !== ""),
    );
  } catch {
    return [];
  }
}

function describeChild(id: string): string {
  try {
    const command = readFileSync(`/proc/${id}/cmdline`, "utf8")
      .replaceAll(/[\0\s]+/g, " ")
      .trim();
    return `the process ${id}: ${command.slice(0, 120)}`;
  } catch {
    return `the process ${id}`;
  }
}
