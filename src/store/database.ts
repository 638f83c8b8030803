export interface DatabaseHealth {
  /** `"postgresql"` or `"embedded"`. */
  readonly kind: string;
  /** e.g. `"15.7"`. */
  readonly version: string;
  /** The database's clock minus this process' clock, in milliseconds. */
  readonly clockSkewMs: number;
}

/** The connection to the system of record, and its migrations. */
export interface Database {
  /** @throws StartError when it cannot be reached (69), refuses the login (77), or is in use by another process (75). */
  connect(): Promise<void>;
  /**
   * Names of migrations that are not applied yet, in order.
   *
   * @throws ConfigError when the database is newer than this version
   * @throws UnavailableError
   */
  pendingMigrations(): Promise<string[]>;
  /** Applies what is pending, however long that takes; returns the names. Safe to call from several processes at once. Errors as above. */
  migrate(): Promise<string[]>;
  /** @throws UnavailableError */
  health(): Promise<DatabaseHealth>;
  close(): Promise<void>;
}
