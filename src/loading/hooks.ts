import module from "node:module";
import { fileURLToPath } from "node:url";
import { formatBySyntax } from "./module-format.ts";
import { OWN_ENTRY, resolveOwnPackage } from "./own-package.ts";
import { resolveAsTypeScript } from "./typescript-paths.ts";
import { isUserFile } from "./user-files.ts";

/**
 * Lets the user's files be imported whatever their package.json and tsconfig.json contain: this
 * package by its name, TypeScript's way of writing paths, and the syntax of ES modules in a
 * CommonJS package. Calling it again changes nothing.
 *
 * @param entry URL of the module that stands for "lovage". @default all of it
 */
export function hookUserModules(entry = OWN_ENTRY): void {
  // Not as a named import: an older Node has no such function, and this package, not the linker,
  // should report that. And no `load`: with one, Node 22.18 cannot require an ES module.
  module.registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const next = (name: string, change = {}): module.ResolveFnOutput =>
        nextResolve(name, { ...context, ...change });
      const own = resolveOwnPackage(specifier, entry, next);
      if (own) return own;
      const found = resolveFile(specifier, context, next);
      if (!isUserFile(found.url)) return found;
      const format = formatBySyntax(found.url, found.format);
      return format === null ? found : { ...found, format };
    },
  });
}

function resolveFile(
  specifier: string,
  { parentURL, conditions }: module.ResolveHookContext,
  next: (specifier: string) => module.ResolveFnOutput,
): module.ResolveFnOutput {
  try {
    return next(specifier);
  } catch (error) {
    const url = resolveAsTypeScript(specifier, parentURL);
    if (url === null) throw error;
    // `require` takes paths, `import` takes URLs.
    return next(conditions.includes("require") ? fileURLToPath(url) : url);
  }
}
