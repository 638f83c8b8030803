/** Every connection was in use, and none became free in time. The statement was not sent. */
export class PoolFullError extends Error {
  override readonly name = "PoolFullError";
  readonly code = "POOL_FULL";
  readonly isConnectionError = true;

  constructor(
    max: number,
    /** What the connections are for: `"for reads"`. */
    purpose: string,
    /** 0 where there was no room to wait. */
    waitedMs: number,
  ) {
    super(
      waitedMs === 0
        ? `No connection ${purpose} is free (in use: ${max} of ${max}), and too many statements wait for one already.`
        : `No connection ${purpose} became free within ${waitedMs / 1_000} s (in use: ${max} of ${max}).`,
    );
  }
}

/** Nobody waits any more for the operation that the statement belongs to. */
export class OperationEndedError extends Error {
  override readonly name = "OperationEndedError";
  readonly code = "OPERATION_ENDED";
  readonly isConnectionError = true;

  constructor(options?: ErrorOptions) {
    super("The operation has ended: its deadline passed, or its client went away.", options);
  }
}

/** PostgreSQL ended a statement, or its wait for a lock, after some time. */
export class StatementEndedError extends Error {
  override readonly name = "StatementEndedError";
  /** As in every message of the server. */
  readonly severity: string;

  constructor(
    /** SQLSTATE: 57014 or 55P03. */
    readonly code: string,
    readonly ranMs: number,
    /** The limit that it ran into; null where that is not one of ours, or nobody's. */
    readonly limitMs: number | null,
    cause: Error,
  ) {
    super(cause.message, { cause });
    this.severity = (cause as { readonly severity?: string }).severity ?? "ERROR";
  }
}
