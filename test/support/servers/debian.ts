import { execFile } from "node:child_process";
import { access, constants, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const POLICY = "/usr/sbin/policy-rc.d";
const CREATE_CLUSTER = "/etc/postgresql-common/createcluster.conf";
const HOMEBREW: Readonly<Record<string, string>> = { "redis-server": "redis" };

/**
 * The absolute path of a program that the tests need. Where it is missing, root on a system with
 * apt-get gets `debianPackage` installed, without a service started on its default port; elsewhere
 * it rejects with what to install.
 * @param folders Where to look, asked again after an installation. Default: the folders of PATH.
 */
export async function ensureProgram(
  name: string,
  debianPackage: string,
  folders: () => Promise<readonly string[]> = async () => pathFolders(),
): Promise<string> {
  return ensure(`the program ${name}`, debianPackage, async () => findProgram(name, await folders()));
}

/** Debian's own Python: its packages are not there for any other that PATH may name first. */
const PYTHON = "/usr/bin/python3";

/** The absolute path of a Python that has a module; installed as {@link ensureProgram} does it. */
export async function ensurePythonModule(module: string, debianPackage: string): Promise<string> {
  return ensure(`the Python module ${module}`, debianPackage, async () =>
    (await succeeds(run(PYTHON, ["-c", `import ${module}`]))) ? PYTHON : undefined,
  );
}

async function ensure(
  what: string,
  debianPackage: string,
  find: () => Promise<string | undefined>,
): Promise<string> {
  const found = await find();
  if (found !== undefined) return found;
  const apt = await findProgram("apt-get", pathFolders());
  if (process.getuid?.() !== 0 || apt === undefined) throw missing(what, debianPackage);
  try {
    await install(apt, debianPackage);
  } catch (error) {
    throw missing(what, debianPackage, error);
  }
  const installed = await find();
  if (installed === undefined)
    throw missing(what, debianPackage, new Error(`${debianPackage} is installed without it`));
  return installed;
}

/** The folders of PATH, in its order. */
export function pathFolders(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    if (await succeeds(access(path, constants.X_OK))) return path;
  }
  return undefined;
}

async function install(apt: string, debianPackage: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, maxBuffer: 64 * 1024 * 1024 };
  const noService = await forbidServices();
  try {
    await run(apt, ["update", "-q"], options);
    const flags = ["-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];
    await run(apt, ["install", ...flags, debianPackage], options);
  } finally {
    await noService[Symbol.asyncDispose]();
  }
}

// Debian starts what it installs, on the default port. Its own way to forbid that is a policy
// script that says 101.
async function forbidServices(): Promise<AsyncDisposable> {
  await mkdir("/etc/postgresql-common", { recursive: true });
  await succeeds(writeFile(CREATE_CLUSTER, "create_main_cluster = false\n", { flag: "wx" }));
  const ours = await succeeds(writeFile(POLICY, "#!/bin/sh\nexit 101\n", { flag: "wx", mode: 0o755 }));
  return {
    async [Symbol.asyncDispose]() {
      if (ours) await rm(POLICY, { force: true });
    },
  };
}

function missing(what: string, debianPackage: string, cause?: unknown): Error {
  const why = cause === undefined ? "" : ` Its installation by apt-get failed: ${reasonOf(cause)}`;
  const brew = HOMEBREW[debianPackage] ?? debianPackage;
  return new Error(
    `The tests need ${what}, which was not found. Install it: Debian, Ubuntu: apt-get install ${debianPackage} ` +
      `(as root the tests do this themselves); macOS: brew install ${brew}.${why}`,
    { cause },
  );
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().split("\n").slice(-5).join("\n");
}

async function succeeds(action: Promise<unknown>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
