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
  /**
   * @throws StartError when it cannot be reached (69), refuses the login (77), or is in use by
   *   another process (75).
   */
  connect(): Promise<void>;
  /**
   * Names of migrations that are not applied yet, in order.
   *
   * @throws ConfigError when the database is newer than this version
   * @throws UnavailableError
   */
  pendingMigrations(): Promise<string[]>;
  /**
   * Applies pending migrations, without a time limit. Returns their names. Safe to call from
   * several processes at once. Errors as above.
   */
  migrate(): Promise<string[]>;
  /**
   * Checks that the role has the rights that a process of Lovage needs, on the tables that exist.
   *
   * @throws StartError (77) which names the missing ones, and how to grant them
   * @throws UnavailableError
   */
  checkRights(): Promise<void>;
  /**
   * Tries a write that changes nothing.
   * @throws UnavailableError also if writes are refused: on a standby, for a read-only role
   */
  checkWrite(): Promise<void>;
  /** @throws UnavailableError */
  health(): Promise<DatabaseHealth>;
  close(): Promise<void>;
}
