import { registerHooks } from "node:module";

const SELF = import.meta.url;
/** `dist/index.js` of a build; `src/index.ts` where the sources run. */
const ENTRY = new URL(SELF.endsWith(".ts") ? "./index.ts" : "./index.js", SELF).href;

/**
 * Lets the user's files import this package, also where it is not installed beside them: "lovage" is always this very copy, and
 * "zod" is this package's only where the file finds none of its own. Calling it again changes nothing.
 *
 * @param entry URL of the module that stands for "lovage". @default all of it
 */
export function resolveOwnPackage(entry = ENTRY): void {
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      if (specifier === "lovage") return { url: entry, format: "module", shortCircuit: true };
      if (!/^zod(?:\/|$)/.test(specifier)) return nextResolve(specifier, context);
      try {
        return nextResolve(specifier, context);
      } catch {
        return nextResolve(specifier, { ...context, parentURL: SELF });
      }
    },
  });
}
