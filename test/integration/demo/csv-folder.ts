import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { summarizeCsv } from "../../../src/demo/csv.tasks.ts";
import type { TaskContext } from "../../../src/index.ts";
import { type TempDir, tempDir } from "../../support/temp-dir.ts";
import { runTask } from "../../support/run-task.ts";

type Types = NonNullable<(typeof summarizeCsv)["types"]>;
type Options = Omit<Types["input"], "path">;

export interface CsvFolder {
  /** Absolute path of what is in the folder under this name. */
  at(name: string): string;
  /** Writes the content to a file and sums it up. */
  summarize(content: string | Buffer, options?: Options, context?: TaskContext): Promise<Types["output"]>;
  /** The same, with the columns as `name: type min..max`. */
  outline(content: string | Buffer, options?: Options): Promise<string[]>;
}

/** Gives the tests of a file an empty folder and sets LOVAGE_DATA_DIR to it. */
export function useCsvFolder(): CsvFolder {
  let folder: TempDir;
  beforeAll(async () => {
    folder = await tempDir();
  });
  afterAll(() => folder[Symbol.asyncDispose]());
  beforeEach(() => void vi.stubEnv("LOVAGE_DATA_DIR", folder.path));
  afterEach(() => void vi.unstubAllEnvs());

  const at = (name: string): string => join(folder.path, name);
  const summarize: CsvFolder["summarize"] = async (content, options = {}, context) => {
    await writeFile(at("table.csv"), content);
    return runTask(summarizeCsv, { path: "table.csv", ...options }, context);
  };
  const outline: CsvFolder["outline"] = async (content, options) => {
    const { columns } = await summarize(content, options);
    return columns.map(({ name, type, min, max }) => `${name}: ${type} ${min}..${max}`);
  };
  return { at, summarize, outline };
}
