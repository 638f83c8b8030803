import { toError } from "../lib/thrown.ts";
import { isUserFile } from "./user-files.ts";
import { execFile } from "node:child_process";
import { isAbsolute, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { guardExit } from "../lib/process/exit-guard.ts";

/** A file whose top level awaits something that never comes must not hang the start. */
const IMPORT_TIMEOUT_MS = 30_000;
const LOCATE_TIMEOUT_MS = 5_000;
/** EX_DATAERR of sysexits.h, as for other files that cannot be used. */
const ENDED_WHILE_LOADING = 65;
const HOOKS = new URL(import.meta.url.endsWith(".ts") ? "./hooks.ts" : "./hooks.js", import.meta.url);

/**
 * Thrown when a file of the user's cannot be imported. The message names the file as seen from
 * `cwd`, and line and column where known.
 */
export class UserFileError extends Error {
  override readonly name = "UserFileError";
}

/**
 * Imports a file of the user's, such as a task file; TypeScript by Node's type stripping.
 * @throws UserFileError
 */
export async function importUserFile(file: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const timeout = new AbortController();
  using _guard = guardExit(({ code, caller }) => {
    const by = caller === null ? "" : ` (${caller})`;
    process.stderr.write(
      `✗ ${shortPath(file, cwd)} calls process.exit(${code}) while it is loaded${by}. Remove the call, or make it in a task.\n`,
    );
    return code === 0 ? ENDED_WHILE_LOADING : code;
  });
  try {
    return await Promise.race([
      import(pathToFileURL(file).href) as Promise<Record<string, unknown>>,
      expire(timeout.signal),
    ]);
  } catch (thrown) {
    const error = toError(thrown);
    const location = (error === thrown ? await locationOf(error, file) : null) ?? { file, position: "" };
    const [what, remedy] = explain(error);
    throw new UserFileError(
      `${shortPath(location.file, cwd)}${location.position} ${what}${remedy === "" ? "" : ` ${remedy}`}`,
      {
        cause: thrown,
      },
    );
  } finally {
    timeout.abort();
  }
}

/**
 * What a module exports: also what it collects in its default export, which is where all of a
 * CommonJS module's exports are when Node cannot read their names from the code.
 */
export function exportedValues(exports: Readonly<Record<string, unknown>>): unknown[] {
  const { default: collected } = exports;
  const more = typeof collected === "object" && collected !== null ? Object.values(collected) : [];
  return [...Object.values(exports), ...more];
}

/**
 * A module's default export; that of a module that was compiled to CommonJS is one level deeper.
 */
export function defaultExport({ default: value }: Readonly<Record<string, unknown>>): unknown {
  const isCompiled =
    typeof value === "object" && value !== null && "__esModule" in value && "default" in value;
  return isCompiled ? value.default : value;
}

/** A path as a person in `cwd` would write it. */
export function shortPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith("..") || isAbsolute(path) ? file : path;
}

async function expire(signal: AbortSignal): Promise<never> {
  await pause(IMPORT_TIMEOUT_MS, undefined, { signal }).catch(() => undefined);
  throw new Error(
    `The file was not loaded after ${IMPORT_TIMEOUT_MS / 1000} s: its top level awaits something. Move that into a task.`,
  );
}

// Where it broke

interface SourceLocation {
  readonly file: string;
  /** `":12:3"`, `":12"`, or empty. */
  readonly position: string;
}

async function locationOf(error: Error, file: string): Promise<SourceLocation | null> {
  const known = readLocation(error.stack ?? "");
  if (known || error.name !== "SyntaxError" || "code" in error) return known;
  // Node keeps the location of a module's syntax error to itself until it dies of it. Nothing runs:
  // the error comes before.
  const script = `import { hookUserModules } from "${HOOKS.href}"; hookUserModules(); await import(process.argv[1]);`;
  const args = ["--no-warnings", "--input-type=module", "--eval", script, pathToFileURL(file).href];
  const failure = await promisify(execFile)(process.execPath, args, { timeout: LOCATE_TIMEOUT_MS }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return failure instanceof Error && "stderr" in failure ? readLocation(String(failure.stderr)) : null;
}

/**
 * Reads a location from what Node prints of an error: `file:12`, the code and a marker below the
 * column, or the first stack frame that is neither this package's nor of another.
 */
function readLocation(printed: string): SourceLocation | null {
  const marked = /^(\/.+|file:\/\/.+):(\d+)\n(?:.*\n){1,5}?( *)\^/.exec(printed);
  if (marked) return { file: toPath(marked[1]!), position: `:${marked[2]}:${marked[3]!.length + 1}` };
  // Below Node's loader are the frames of the file's importer.
  const [ownFrames = ""] = printed.split("(node:internal/modules/");
  for (const [, url, position] of ownFrames.matchAll(/(file:\/\/[^\s)]+?)(:\d+:\d+)/g)) {
    if (!isUserFile(url!)) continue;
    return { file: toPath(url!), position: position! };
  }
  return null;
}

function toPath(text: string): string {
  return text.startsWith("file:") ? fileURLToPath(text) : text;
}

// What it was

const WHOLE_TYPESCRIPT =
  "Write plain JavaScript in its place; or install tsx and set NODE_OPTIONS=--import=tsx; or compile the files and name the .js with --tasks.";

function explain(error: Error): [what: string, remedy: string] {
  const code = "code" in error ? String(error.code) : "";
  const first = error.message.split("\n")[0]!;
  const what = error.name === "DefinitionError" || error.name === "Error" ? first : `${error.name}: ${first}`;
  return [what.replace(/[^.!?]$/, "$&."), remedyOf(code, error)];
}

function remedyOf(code: string, error: Error): string {
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `Node runs TypeScript by leaving out the types, which cannot be done with enums, namespaces and parameter properties. ${WHOLE_TYPESCRIPT}`;
  }
  if (/^request for '.+' is (?:not in cache|from a module not been linked)/.test(error.message)) {
    return `Node ${process.versions.node} cannot require an ES module from this file. Write import instead of require, or use Node 24.`;
  }
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING")
    return "Packages must be compiled: name their .js files instead.";
  if (code === "ERR_MODULE_NOT_FOUND") {
    return error.message.startsWith("Cannot find package")
      ? "Install it in the project: npm install <package>."
      : "Correct the path; in JavaScript it needs the file's extension, such as ./other.js.";
  }
  return syntaxRemedy(error);
}

function syntaxRemedy({ name, message }: Error): string {
  if (name !== "SyntaxError") return "";
  if (message === "Invalid or unexpected token") {
    return `If this is a decorator: Node does not run them. ${WHOLE_TYPESCRIPT}`;
  }
  if (message.startsWith("Cannot use import statement outside")) {
    return "Rename the file to .mts or .mjs.";
  }
  if (message.includes("does not provide an export named"))
    return "If that is a type, import it with `import type`.";
  return "";
}
