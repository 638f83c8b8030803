import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { Client, type ClientConfig } from "pg";

/** What of a connection of `pg` its types leave out. */
interface PgWire extends EventEmitter {
  readonly stream: Duplex;
}

const BINDING = "SCRAM-SHA-256-PLUS";

/**
 * A client that sends its password only bound to the TLS session that it is sent in: libpq's `channel_binding=require`. `pg` binds it
 * where the server offers that, and falls back to any other way that a server asks for; so would it with a server in the middle.
 */
export class BoundClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    const { connection } = this as unknown as { readonly connection: PgWire };
    let bound = false;
    // Before the listeners of the client, which answer: nothing is written to a destroyed socket.
    const refuse = (): void => {
      // May be in the same packet: the client would take itself for connected.
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

/** The server does not authenticate with channel binding. */
class ChannelBindingError extends Error {
  override readonly name = "ChannelBindingError";
  readonly code = "ECHANNELBINDING";

  constructor() {
    super("offers no channel binding, which channel_binding=require asks for");
  }
}
