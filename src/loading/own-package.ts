import { readFileSync } from "node:fs";
import type { ResolveFnOutput } from "node:module";

const SELF = import.meta.url;
/** `dist/index.js` of a build; `src/index.ts` where the sources run. */
export const OWN_ENTRY = new URL(SELF.endsWith(".ts") ? "../index.ts" : "../index.js", SELF).href;

type Resolve = (specifier: string, change?: { parentURL?: string }) => ResolveFnOutput;

/**
 * Resolves imports of this package, also where it is not installed beside the file: "lovage" is
 * always this very copy, and "zod" is this package's only where the file has no installed one. Null
 * for every other import.
 */
export function resolveOwnPackage(
  specifier: string,
  entry: string,
  nextResolve: Resolve,
): ResolveFnOutput | null {
  if (specifier === "lovage") return { url: entry, format: "module", shortCircuit: true };
  if (!/^zod(?:\/|$)/.test(specifier)) return null;
  try {
    return nextResolve(specifier);
  } catch {
    return nextResolve(specifier, { parentURL: SELF });
  }
}

/** Returns the version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
