/** PGlite could not open its folder. */
export class EngineError extends Error {
  override readonly name = "EngineError";

  constructor(
    /** What PostgreSQL said about it, such as `could not locate a valid checkpoint record`. */
    readonly reason: string | null,
    options: ErrorOptions,
  ) {
    super(`PGlite did not start: ${reason ?? "no reason was given"}`, options);
  }
}
