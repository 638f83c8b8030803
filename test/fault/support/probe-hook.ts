import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { queryObjects } from "node:v8";
import { WebSocket } from "ws";

/**
 * Loaded before Lovage (`node --import`), this makes the process say at SIGUSR2 how many
 * subscriptions and sockets it holds: objects that are still there after a full garbage collection,
 * so that one which was forgotten, but not let go, counts. And how long it was busy with one thing,
 * at most, since it was asked last: nobody was answered meanwhile.
 */
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
process.on("SIGUSR2", () => {
  void take().then((probe) => console.error(`probe ${JSON.stringify(probe)}`));
});

async function take() {
  const busyMs = Math.round(delay.max / 1e6);
  const [{ EventSubscription }, { MessageStream }] = await Promise.all([
    load("./engine/events/event-subscription.js"),
    load("./graphql/streams/message-stream.js"),
  ]);
  const probe = {
    subscriptions: queryObjects(EventSubscription!, { format: "count" }),
    streams: queryObjects(MessageStream!, { format: "count" }),
    sockets: queryObjects(WebSocket, { format: "count" }),
    busyMs,
  };
  // Counting took its time, too; that is noted a moment later.
  await sleep(50);
  delay.reset();
  return probe;
}

/** A module of the Lovage that runs here, which may be built into any folder. */
async function load(path: string): Promise<Record<string, new () => unknown>> {
  return (await import(new URL(path, pathToFileURL(process.argv[1]!)).href)) as Record<
    string,
    new () => unknown
  >;
}
