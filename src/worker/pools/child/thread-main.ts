/** The entry of a thread of a pool. It loads little itself, since it must start fast. */
import { workerData } from "node:worker_threads";
import type { ThreadData } from "../wire/protocol.ts";
import { ThreadChannel } from "./channel.ts";
import { runChild } from "./run-child.ts";

const { port } = workerData as ThreadData;
// The port must not be visible to the code of tasks.
Reflect.deleteProperty(workerData as ThreadData, "port");
runChild("threads", (onMessage) => new ThreadChannel(port, onMessage));
