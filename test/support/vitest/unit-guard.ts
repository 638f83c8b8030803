import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import workerThreads from "node:worker_threads";

// Setup of the unit tests: they start no server, no process and no thread, and open no socket.
// The embedded database is refused by an alias in vitest.config.ts.

function refuse(owner: object, name: string, what: string): void {
  const value = (): never => {
    throw new Error(`${what}: not in test/unit. Move the test to test/integration.`);
  };
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
}

for (const name of ["spawn", "spawnSync", "fork", "exec", "execSync", "execFile", "execFileSync"])
  refuse(childProcess, name, `child_process.${name}()`);
refuse(workerThreads, "Worker", "new Worker()");
refuse(net.Server.prototype, "listen", "server.listen()");
refuse(net.Socket.prototype, "connect", "socket.connect()");
syncBuiltinESMExports();
