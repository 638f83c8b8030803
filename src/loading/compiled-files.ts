import { sep } from "node:path";

/** Folders that compilers write to. */
const OUTPUT = /^(?:dist|build|out|output|lib)$/;

/**
 * Leaves out `build/mail.tasks.js` where `src/mail.tasks.ts` or `mail.tasks.ts` is there too, and
 * `mail.tasks.js` beside `mail.tasks.ts`: both define the same tasks.
 *
 * @param files absolute paths
 */
export function withoutCompiled(files: readonly string[]): string[] {
  const sources = new Set(files.filter((file) => /\.[cm]?ts$/.test(file)).flatMap(sourceKeys));
  return files.filter((file) => !compiledKeys(file).some((key) => sources.has(key)));
}

/**
 * A source's path without its ending, and the same without each of its folders in turn: one of them
 * may be the compiler's root.
 */
function sourceKeys(file: string): string[] {
  const path = file.replace(/ts$/, "").split(sep);
  return [path.join(sep), ...path.slice(0, -1).map((_, index) => keyWithout(path, index))];
}

/** The keys that the source of a compiled file may have. */
function compiledKeys(file: string): string[] {
  if (!/\.[cm]?js$/.test(file)) return [];
  const path = file.replace(/js$/, "").split(sep);
  const outputs = [...path.keys()].filter((index) => OUTPUT.test(path[index]!));
  return [
    path.join(sep),
    ...outputs.flatMap((index) => [path.toSpliced(index, 1).join(sep), keyWithout(path, index)]),
  ];
}

function keyWithout(path: readonly string[], index: number): string {
  return `${index}:${path.toSpliced(index, 1).join(sep)}`;
}
