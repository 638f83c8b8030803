/** The default glob of task files. */
export const TASK_FILES = "**/*.tasks.{ts,js,mts,mjs,cts,cjs}";
/** Names of the configuration file; the first that exists is read. */
export const CONFIG_FILES = ["ts", "js", "mts", "mjs", "cts", "cjs"].map(
  (ending) => `lovage.config.${ending}`,
);

const PACKAGE = new URL("..", import.meta.url).href;

/**
 * Whether a module is a file of the user's: neither this package's, nor Node's, nor that of an
 * installed package.
 */
export function isUserFile(url: string): boolean {
  return url.startsWith("file:") && !url.startsWith(PACKAGE) && !url.includes("/node_modules/");
}
