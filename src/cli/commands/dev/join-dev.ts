import { once } from "node:events";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { isUserFile } from "../../../loading/user-files.ts";

/** The side of a process that `lovage dev` runs. */
export interface DevTurn {
  /** Reports that the files could be loaded, and waits until the process before this one has ended. */
  wait(globs: readonly string[]): Promise<void>;
  /** Reports that this process serves. */
  ready(): void;
}

/** Reports to `lovage dev` which files are imported from now on. Null in a process of another parent. */
export function joinDev(): DevTurn | null {
  if (process.env[DEV_VARIABLE] === undefined || process.send === undefined) return null;
  // For this process alone: neither a setting, nor for what tasks start.
  delete process.env[DEV_VARIABLE];
  const send = (message: FromDevChild): void => void process.send?.(message);
  // Without its parent nobody would end this process.
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

/** What such a process sends. */
export type FromDevChild =
  /** It imports this file. */
  | { readonly type: "file"; readonly path: string }
  /** All files are loaded; it goes on when it gets "go". */
  | { readonly type: "loaded"; readonly globs: readonly string[] }
  /** It serves. */
  | { readonly type: "ready" };

/** What it gets: the process before it has ended. */
export type ToDevChild = "go";
