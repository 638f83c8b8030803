import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What the compiler writes for each ending of its sources. */
const SOURCES: Readonly<Record<string, string>> = { ".js": ".ts", ".mjs": ".mts", ".cjs": ".cts" };
const ENDINGS = [".ts", ".js"];

/**
 * The file that a TypeScript file's relative import means to the compiler and not to Node:
 * `./helper.js` where only `helper.ts` exists; with `"moduleResolution": "bundler"` also `./helper`
 * and `./folder`. Null where there is none.
 */
export function resolveAsTypeScript(specifier: string, parentUrl: string | undefined): string | null {
  if (!parentUrl || !/^\.\.?(?:\/|$)/.test(specifier) || !/\.[cm]?ts$/.test(parentUrl)) return null;
  const target = new URL(specifier, parentUrl).href;
  const candidates = [
    target.replace(/\.[cm]?js$/, (ending) => SOURCES[ending]!),
    ...ENDINGS.map((ending) => target + ending),
    ...ENDINGS.map((ending) => `${target.replace(/\/$/, "")}/index${ending}`),
  ];
  return candidates.find(isFile) ?? null;
}

function isFile(url: string): boolean {
  return statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isFile() ?? false;
}
