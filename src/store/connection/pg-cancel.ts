import { type Client, Connection, type ConnectionConfig } from "pg";

const GIVE_UP_MS = 2_000;

/** What `pg` has beyond its types: the key of a session, and the messages outside of one. */
interface Session {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
  readonly ssl: ConnectionConfig["ssl"];
}
interface Messenger extends Connection {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/**
 * Asks PostgreSQL to end the statement that a session runs now. The protocol uses a separate connection for that, which needs neither a login
 * nor a free session, and which PgBouncer passes on to the session that it really is. Best effort: where it fails, the
 * statement's own limit ends it.
 *
 * The request may arrive after the statement has ended: a session that was asked for must not be used for another statement.
 */
export function cancelStatement(client: Client): void {
  const { processID, secretKey, host, port, ssl } = client as unknown as Session;
  if (processID === null || secretKey === null) return;
  const connection = new Connection(ssl ? { ssl } : {}) as Messenger;
  const giveUp = setTimeout(() => connection.stream.destroy(), GIVE_UP_MS).unref();
  const ask = (): void => connection.cancel(processID, secretKey);
  connection.on("error", () => connection.stream.destroy());
  connection.on("end", () => clearTimeout(giveUp));
  connection.once("connect", () => (ssl ? connection.requestSsl() : ask()));
  connection.once("sslconnect", ask);
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
}
