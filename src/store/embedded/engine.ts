import { setFlagsFromString } from "node:v8";
import { type Extension, PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { EngineError } from "../connection/failures.ts";
import { readTemplate, unpackTemplate } from "./template.ts";

/**
 * Opens PGlite on a folder of data, which is made when it does not exist, or in memory.
 *
 * @throws EngineError when PostgreSQL does not start; errors of the file system as they are
 */
export async function openEngine(dataFolder: string | null): Promise<Engine> {
  if (dataFolder === null) {
    const template = await readTemplate();
    return start(template === null ? {} : { loadDataDir: new Blob([template]) });
  }
  await unpackTemplate(dataFolder);
  return start({ dataDir: dataFolder });
}

async function start(options: PGliteOptions): Promise<Engine> {
  const said = new LastWords();
  const engine = new Engine(options, said);
  try {
    await engine.waitReady;
    return engine;
  } catch (error) {
    // PGlite throws errors of its file system, which are not Errors, and those of an aborted
    // WebAssembly module.
    throw new EngineError(said.reason, { cause: error });
  }
}

/** Reads why PostgreSQL ended from its standard error. */
class LastWords {
  reason: string | null = null;

  readonly listen = (line: string): boolean => {
    // The first is the cause: others follow from it.
    this.reason ??= /(?:PANIC|FATAL): {2}(.*)/.exec(line)?.[1] ?? null;
    return true;
  };
}

/**
 * PGlite with an SQL parser that is never optimised, and with a notification of its end.
 *
 * V8 compiles a function of WebAssembly quickly at its first call, and again with the optimising
 * compiler when it proves hot. The parser is one function of 105 KB with nested loops: its second
 * compilation takes 600 MB and 0.4 s of CPU time, in the first second of every start. Without it
 * the process needs half of the memory, and the statements of a worker take no longer. V8 decides
 * at the first compilation whether it counts the calls of a function. So the first statement is an
 * invalid one, which only reaches the parser, and a flag disables the counts while it runs. A V8
 * without that flag ignores it.
 *
 * PostgreSQL ends itself when it cannot continue, above all when the disk is too full for its WAL.
 * Its module then answers every call with an error that PGlite treats as one of a statement. PGlite
 * calls it again forever, without a turn of the event loop: nothing else runs in this process, not
 * even a signal handler. So the functions that PGlite calls are replaced in the module.
 */
export class Engine extends PGlite {
  readonly #died = Promise.withResolvers<EngineError>();
  /** Resolves when PostgreSQL has ended itself: every statement fails from then on. */
  readonly died: Promise<EngineError> = this.#died.promise;
  #dead = false;

  constructor(
    options: PGliteOptions,
    private readonly said: LastWords,
  ) {
    super({
      ...options,
      startParams: START_PARAMS,
      onStderr: said.listen,
      extensions: { lovage: { name: "lovage", setup: watch } },
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Called by the module when it ends, for any reason. */
  readonly onEnd = (): void => {
    // A start that fails and a close end by themselves.
    if (!this.ready || this.#dead) return;
    this.#dead = true;
    const error = new EngineError(this.said.reason, {});
    const fail = (): never => {
      throw error;
    };
    const nothing = (): void => undefined;
    Object.assign(this.Module, {
      ...{ _PostgresMainLoopOnce: fail, stackRestore: fail },
      ...{ _PostgresSendReadyForQueryIfNecessary: nothing, _pgl_pq_flush: nothing },
    });
    this.#died.resolve(error);
  };

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

const watch: Extension["setup"] = async (pglite, emscriptenOpts: object) => {
  const { onEnd } = pglite as Engine;
  return { emscriptenOpts: { ...emscriptenOpts, onAbort: onEnd, onExit: onEnd } };
};

const NO_FUNCTION = 2 ** 31 - 1;
/**
 * PGlite touches all shared buffers at start. PostgreSQL's 128 MB would be two fifths of the
 * process, for pages that the system also caches.
 */
const BUFFERS = ["-c", "shared_buffers=24MB"];
/**
 * Used WAL that is kept for reuse. PostgreSQL's 80 MB would be most of the folder. Folders with 16
 * MB segments need two of them.
 */
const WAL = ["-c", "min_wal_size=32MB", "-c", "max_wal_size=128MB"];
const START_PARAMS = [...PGlite.defaultStartParams, ...BUFFERS, ...WAL];
