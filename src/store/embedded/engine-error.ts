/** PGlite could not open its folder, or has ended since. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  /** No statement is refused: it may be sent again, to the next process that opens the folder. */
  readonly isConnectionError = true;
  /** SQLSTATE of a crash. */
  readonly code = "57P02";

  constructor(
    /** What PostgreSQL said about it, such as `could not locate a valid checkpoint record`. */
    readonly reason: string | null,
    options: ErrorOptions,
  ) {
    super(`The embedded database has ended: ${reason ?? "PostgreSQL gave no reason"}`, options);
  }
}
