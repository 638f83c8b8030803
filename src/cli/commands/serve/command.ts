import type { Command } from "commander";
import {
  type Run,
  type Serve,
  withServerOptions,
  withSharedOptions,
  withWorkerOptions,
} from "../../command.ts";

/** `lovage up`, `dev`, `server`, `worker` and `beat`. */
export function addServers(program: Command, serve: Serve): void {
  const serveAs = (role: "up" | "server" | "worker" | "beat") => async (): Promise<Run> => {
    const { serve: run } = await import("./serve.ts");
    return (context) => run(context, role);
  };
  const up = program
    .command("up")
    .description("run a server, a worker and beat in one process; needs no other service");
  serve(withWorkerOptions(withServerOptions(up)), serveAs("up"));
  const dev = program
    .command("dev")
    .description('run "up" and restart it when task files, their imports or settings change');
  serve(withWorkerOptions(withServerOptions(dev)), async () => (await import("../dev/dev.ts")).dev);
  const server = program
    .command("server")
    .description("serve the GraphQL API and maintain the queues; runs no tasks");
  serve(withServerOptions(server), serveAs("server"));
  const worker = program.command("worker").description("run tasks");
  serve(withWorkerOptions(withSharedOptions(worker)), serveAs("worker"));
  const beat = program
    .command("beat")
    .description("enqueue the tasks of schedules that are due; any number may run");
  serve(withSharedOptions(beat), serveAs("beat"));
}
