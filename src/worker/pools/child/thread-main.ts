/** A thread of a pool: what it loads itself is small, since it must start fast. */
import { workerData } from "node:worker_threads";
import { runChild } from "./run-child.ts";
import { ThreadChannel } from "../wire/thread-channel.ts";
import type { ThreadData } from "../parent/thread-child.ts";

const { port } = workerData as ThreadData;
// Whatever a task's code looks at there, it is not this.
Reflect.deleteProperty(workerData as ThreadData, "port");
runChild("threads", (onMessage) => new ThreadChannel(port, onMessage));
