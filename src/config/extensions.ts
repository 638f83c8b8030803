import { checkExtensions, type Extensions } from "../task/definition/middleware.ts";
import type { ConfigFile } from "./file.ts";

/**
 * Keys of a configuration file besides settings. They hold code, so flags and variables cannot set
 * them.
 */
export const EXTENSION_KEYS = ["hooks", "middleware"] as const satisfies readonly (keyof Extensions)[];

/** Reads hooks and middleware. Adds a line to `problems` for each mistake. */
export function readExtensions(file: ConfigFile | null, problems: string[]): Extensions {
  if (file === null) return {};
  const given = EXTENSION_KEYS.map((key) => [key, file.values[key]] as const);
  const extensions: Extensions = Object.fromEntries(
    given.filter(([, value]) => value !== undefined && value !== null),
  );
  const found: string[] = [];
  checkExtensions(extensions, found);
  problems.push(...found.map((problem) => `${problem} (${file.name}).`));
  return extensions;
}
