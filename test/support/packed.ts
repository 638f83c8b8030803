import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { tempDir } from "./temp-dir.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder, and the package as npm would publish it. */
export interface PackedProject extends AsyncDisposable {
  readonly dir: string;
  /** Path of the tarball. */
  readonly tarball: string;
  /** Writes files below the folder. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Runs a command to its end, with this Node first on the PATH and no settings of this
   * environment.
   */
  run(command: string, args: readonly string[], options?: { readonly cwd?: string }): Promise<Ran>;
}

export async function packedProject(): Promise<PackedProject> {
  await using scope = new AsyncDisposableStack();
  const { path: dir } = scope.use(await tempDir("lovage-project-"));
  const { path: packed } = scope.use(await tempDir("lovage-packed-"));
  const { stdout, stderr } = await run("npm", ["pack", "--silent", "--pack-destination", packed], root);
  if (stdout === "") throw new Error(`npm pack failed: ${stderr}`);
  const owned = scope.move();
  return {
    dir,
    tarball: join(packed, stdout.trim()),
    write: async (files) => {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, name)), { recursive: true });
        await writeFile(join(dir, name), content);
      }
    },
    run: (command, args, { cwd = "." } = {}) => run(command, args, join(dir, cwd)),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** This environment's search path and home, with this Node first, and nothing else of it. */
export function bareEnv(): Readonly<Record<string, string | undefined>> {
  const { PATH = "", HOME } = process.env;
  return { PATH: dirname(process.execPath) + delimiter + PATH, HOME };
}

async function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const child = spawn(command, [...args], { cwd, env: bareEnv(), stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { exitCode: child.exitCode, stdout, stderr };
}
