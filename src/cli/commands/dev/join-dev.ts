import { once } from "node:events";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { isUserFile } from "../../../loading/user-files.ts";

/** The connection of a process to the `lovage dev` that runs it. */
export interface DevTurn {
  /** Reports that the files are loaded, and waits until the previous process has ended. */
  wait(globs: readonly string[]): Promise<void>;
  /** Reports that this process serves. */
  ready(): void;
}

/**
 * Connects to `lovage dev` and reports every file imported from now on. Null if the parent is
 * another process.
 */
export function joinDev(): DevTurn | null {
  if (process.env[DEV_VARIABLE] === undefined || process.send === undefined) return null;
  // Only for this process: it is not a setting, and tasks must not pass it to their children.
  delete process.env[DEV_VARIABLE];
  const send = (message: FromDevChild): void => void process.send?.(message);
  // Nothing else would end this process after its parent.
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const found = nextResolve(specifier, context);
      if (isUserFile(found.url)) send({ type: "file", path: fileURLToPath(found.url) });
      return found;
    },
  });
  return {
    wait: async (globs) => {
      const go = once(process, "message");
      send({ type: "loaded", globs });
      await go;
    },
    ready: () => send({ type: "ready" }),
  };
}

/** Set in the environment of a process that `lovage dev` runs. */
export const DEV_VARIABLE = "LOVAGE_DEV";

/** The messages of such a process. */
export type FromDevChild =
  /** It imports this file. */
  | { readonly type: "file"; readonly path: string }
  /** All files are loaded; it continues when it receives "go". */
  | { readonly type: "loaded"; readonly globs: readonly string[] }
  /** It serves. */
  | { readonly type: "ready" };

/** The message to such a process: the previous one has ended. */
export type ToDevChild = "go";
