import { readFileSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

const IN_COMMONJS = ["exports", "require", "module", "__filename", "__dirname"];
/** V8's messages about a module's syntax outside of a module. */
const MODULE_SYNTAX =
  /Cannot use import statement outside|Unexpected token 'export'|Cannot use 'import\.meta' outside|await is only valid/;

/**
 * The format of a `.ts` or `.js` file by its own syntax, where its package.json has another opinion
 * or none: `npm init` writes `"type": "commonjs"`, and TypeScript is written with `import` there
 * too. Null where `known` holds.
 *
 * @param known format by the package.json and the file's extension; null or undefined if they do
 *   not decide it
 */
export function formatBySyntax(url: string, known: string | null | undefined): string | null {
  const typed = url.endsWith(".ts");
  if (!typed && !url.endsWith(".js")) return null;
  // Others are decided: "module" by the package.json, "json" by the import's attributes.
  if (known && known !== "commonjs" && known !== "commonjs-typescript") return null;
  const code = readCode(url, typed);
  if (code === null) return null;
  const kind = isModule(code) ? "module" : "commonjs";
  return typed ? `${kind}-typescript` : kind;
}

function isModule(code: string): boolean {
  try {
    compileFunction(code, IN_COMMONJS);
    return false;
  } catch (error) {
    return error instanceof Error && MODULE_SYNTAX.test(error.message);
  }
}

/**
 * Returns a file's JavaScript; null if Node cannot strip the types: the load then reports why, or
 * another loader takes the file.
 */
function readCode(url: string, typed: boolean): string | null {
  const source = readFileSync(fileURLToPath(url), "utf8");
  if (!typed) return source;
  // oxlint-disable-next-line typescript/unbound-method -- it is put back as it was
  const { emitWarning } = process;
  // Node warns that the function is experimental, which no user of this package can change.
  process.emitWarning = () => undefined;
  try {
    return module.stripTypeScriptTypes(source);
  } catch {
    return null;
  } finally {
    process.emitWarning = emitWarning;
  }
}
