/** A child process of a pool: what it loads itself is small, since it must start fast. */
import { dieWithParent } from "./parent-watch.ts";
import { PipeChannel } from "../wire/pipe-channel.ts";
import { runChild } from "./run-child.ts";

// Its worker decides when it ends: a signal to all processes of a service must not end attempts that the worker still waits for.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
// As the worker said it: it may be gone already.
dieWithParent(Number(process.argv[2]));
runChild("processes", (onMessage) => new PipeChannel(onMessage));
