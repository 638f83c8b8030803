import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { Client, type ClientConfig, Connection, type ConnectionConfig } from "pg";

/** Members of a connection of `pg` that its types leave out. */
interface PgWire extends EventEmitter {
  readonly stream: Duplex;
}

const BINDING = "SCRAM-SHA-256-PLUS";

/**
 * A client that sends its password only bound to the TLS session: libpq's
 * `channel_binding=require`. `pg` alone binds it where the server offers that, and else uses any
 * method that the server asks for. So a server in the middle could choose another method.
 */
export class BoundClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    const { connection } = this as unknown as { readonly connection: PgWire };
    let bound = false;
    // Runs before the client's own listeners, which answer: nothing is written to a destroyed
    // socket.
    const refuse = (): void => {
      // The message may be in the same packet: the client would then report that it is connected.
      connection.removeAllListeners("readyForQuery");
      connection.stream.destroy(new ChannelBindingError());
    };
    connection.prependListener(
      "authenticationSASL",
      ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
        if (!mechanisms.includes(BINDING)) refuse();
      },
    );
    connection.prependListener("authenticationSASLFinal", () => (bound = true));
    connection.prependListener("authenticationCleartextPassword", refuse);
    connection.prependListener("authenticationMD5Password", refuse);
    connection.prependListener("authenticationOk", () => {
      if (!bound) refuse();
    });
  }
}

/** The server does not offer channel binding. */
class ChannelBindingError extends Error {
  override readonly name = "ChannelBindingError";
  readonly code = "ECHANNELBINDING";

  constructor() {
    super("offers no channel binding, which channel_binding=require asks for");
  }
}

const GIVE_UP_MS = 2_000;

/**
 * Members of `pg` that its types leave out: the key of a session, and messages outside of a
 * session.
 */
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
 * Asks PostgreSQL to cancel the statement that a session runs now. The protocol uses a separate
 * connection for that, which needs neither a login nor a free session. PgBouncer forwards the
 * request to the real session. Best effort: if it fails, the statement's time limit ends it.
 *
 * The request may arrive after the statement has ended, so the session must not be used for another
 * statement.
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
