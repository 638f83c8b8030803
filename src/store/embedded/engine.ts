import { setFlagsFromString } from "node:v8";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { EngineError } from "./engine-error.ts";
import { readTemplate, unpackTemplate } from "./template.ts";

/**
 * Opens PGlite on a folder of data, which is made when it does not exist, or in memory.
 *
 * @throws EngineError when PostgreSQL does not start; errors of the file system as they are
 */
export async function openEngine(dataFolder: string | null): Promise<PGlite> {
  if (dataFolder === null) {
    const template = await readTemplate();
    return start(template === null ? {} : { loadDataDir: new Blob([template]) });
  }
  await unpackTemplate(dataFolder);
  return start({ dataDir: dataFolder });
}

async function start(options: PGliteOptions): Promise<PGlite> {
  let reason: string | null = null;
  const onStderr = (line: string): boolean => {
    // The first is the cause: others follow from it.
    reason ??= /(?:PANIC|FATAL): {2}(.*)/.exec(line)?.[1] ?? null;
    return true;
  };
  const engine = new Engine({ ...options, startParams: START_PARAMS, onStderr });
  try {
    await engine.waitReady;
    return engine;
  } catch (error) {
    // PGlite throws errors of its file system, which are no Errors, and those of an aborted WebAssembly module.
    throw new EngineError(reason, { cause: error });
  }
}

/**
 * PGlite whose SQL parser is never optimised.
 *
 * V8 compiles a function of WebAssembly quickly when it is first called, and again, by the optimising compiler, when it proves hot. The
 * parser is one function of 105 KB with loops inside loops: its second compilation takes 600 MB and 0.4 s of CPU time, in the first second
 * of every start. Without it the process needs half of the memory, and the statements of a worker take no longer. Whether a function is
 * counted at all is settled when it is first compiled: so the first statement is a wrong one, which gets no further than the parser, and
 * only while it runs V8 is asked to count nothing. A V8 that knows no such flag ignores it.
 */
class Engine extends PGlite {
  /** PGlite's own first statement is in here. */
  override async _initArrayTypes(options?: { force?: boolean }): Promise<void> {
    setFlagsFromString(`--wasm-tier-up-filter=${NO_FUNCTION}`);
    try {
      await this.exec("parse").catch(() => undefined);
    } finally {
      setFlagsFromString("--wasm-tier-up-filter=-1");
    }
    await super._initArrayTypes(options);
  }
}

const NO_FUNCTION = 2 ** 31 - 1;
/** PGlite touches all shared buffers at start: PostgreSQL's 128 MB would be two fifths of the process, for pages that the system caches too. */
const START_PARAMS = [...PGlite.defaultStartParams, "-c", "shared_buffers=24MB"];
