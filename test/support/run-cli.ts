import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The built command line: `npm run build` makes it. */
export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  /** Added to an environment without any settings. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Runs `lovage` as a process of its own to its end. */
export async function runCli(args: readonly string[], { cwd, env, stdin = "" }: CliOptions): Promise<CliRun> {
  return runNode([CLI, ...args], { cwd, env, stdin });
}

/** Runs Node to its end, without any settings of this environment. */
export async function runNode(
  args: readonly string[],
  {
    cwd,
    env = {},
    stdin = "",
  }: { cwd: string; env?: Readonly<Record<string, string>> | undefined; stdin?: string },
): Promise<CliRun> {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [...args], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  child.stdin.end(stdin);
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { exitCode: child.exitCode, stdout, stderr };
}
