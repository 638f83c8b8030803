import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

export interface ReceivedMail {
  /** Envelope sender. */
  readonly from: string;
  /** Envelope recipients. */
  readonly to: string[];
  /** Headers and body as they came over the wire. */
  readonly raw: string;
}

export interface SmtpOptions {
  /** Without it the server asks for no authentication. */
  readonly auth?: { readonly user: string; readonly pass: string };
}

/** A real SMTP server for tests, on a free port of the loopback interface. */
export interface SmtpFixture extends AsyncDisposable {
  /** Value for `SMTP_URL`; holds the credentials if there are any. */
  readonly url: string;
  /** All mails accepted so far. */
  readonly messages: readonly ReceivedMail[];
  /**
   * The oldest accepted mail that no call of `next` gave yet; waits for it. Rejects when the server
   * is stopped.
   */
  next(): Promise<ReceivedMail>;
  /**
   * From now on every recipient is refused with this code (4xx or 5xx); `undefined` accepts again.
   */
  reject(code: number | undefined): void;
  /** The next mail is accepted, but the connection is cut before the client hears of it. */
  loseNextReply(): void;
  /** Cuts all connections and frees the port. May be called twice. */
  stop(): Promise<void>;
}

export async function startSmtp(options: SmtpOptions = {}): Promise<SmtpFixture> {
  const messages: ReceivedMail[] = [];
  const waiting: PromiseWithResolvers<ReceivedMail>[] = [];
  let taken = 0;
  let rejectCode: number | undefined;
  let losesReply = false;

  const accept = (mail: ReceivedMail): void => {
    messages.push(mail);
    const waiter = waiting.shift();
    if (waiter === undefined) return;
    taken += 1;
    waiter.resolve(mail);
  };
  const server: SMTPServer = new SMTPServer({
    authOptional: options.auth === undefined,
    allowInsecureAuth: true,
    // Its built-in certificate is trusted by nobody.
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    closeTimeout: 1,
    onAuth({ username, password }, _session, done) {
      const { auth } = options;
      if (auth && username === auth.user && password === auth.pass) done(null, { user: username });
      else done(Object.assign(new Error("Bad user or password"), { responseCode: 535 }));
    },
    onRcptTo(_address, _session, done) {
      if (rejectCode === undefined) done();
      else done(Object.assign(new Error("Refused by the test"), { responseCode: rejectCode }));
    },
    onData(stream, session, done) {
      text(stream).then((raw) => {
        accept({ ...envelopeOf(session), raw });
        if (losesReply) for (const connection of server.connections) connection.close();
        losesReply = false;
        done();
      }, done);
    },
  });
  // A client that cuts the connection, as a cancelled task does, is no failure of the server.
  server.on("error", () => undefined);
  const listener = server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;

  const stop = async (): Promise<void> => {
    for (const waiter of waiting.splice(0)) waiter.reject(new Error("The SMTP server was stopped."));
    if (!listener.listening) return;
    await new Promise<void>((resolve) => server.close(resolve));
  };
  return {
    url: urlOf(port, options.auth),
    messages,
    next() {
      if (taken < messages.length) return Promise.resolve(messages[taken++] as ReceivedMail);
      const waiter = Promise.withResolvers<ReceivedMail>();
      waiting.push(waiter);
      return waiter.promise;
    },
    reject: (code) => void (rejectCode = code),
    loseNextReply: () => void (losesReply = true),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function envelopeOf({ envelope }: SMTPServerSession): Pick<ReceivedMail, "from" | "to"> {
  return {
    from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
    to: envelope.rcptTo.map((recipient) => recipient.address),
  };
}

function urlOf(port: number, auth: SmtpOptions["auth"]): string {
  const user = auth ? `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.pass)}@` : "";
  return `smtp://${user}127.0.0.1:${port}`;
}
