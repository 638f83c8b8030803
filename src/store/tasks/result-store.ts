import type { Json } from "../../lib/json.ts";

/** One outcome's output. The version is that of the finished task: a late outcome of an attempt that was taken back has another. */
export interface ResultKey {
  readonly taskId: string;
  readonly version: number;
}

export interface StoredResult extends ResultKey {
  readonly output: Json;
  /** It is forgotten after so long, in milliseconds. */
  readonly keepMs: number;
}

/** Outputs outside of the tasks' rows. */
export interface ResultStore {
  /** @throws Error when not all of them could be stored */
  put(results: readonly StoredResult[]): Promise<void>;
  /** One entry for each key, in order; undefined for what is not there (any more). @throws UnavailableError */
  get(keys: readonly ResultKey[]): Promise<(Json | undefined)[]>;
}
