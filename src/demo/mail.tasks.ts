import { createTransport, type NodemailerError, type Transporter } from "nodemailer";
import addressparser from "nodemailer/lib/addressparser";
import { z } from "zod";
import { defineTask, FatalError, type TaskContext } from "../index.ts";

const input = z.object({
  to: z.email().max(254).describe("The one recipient."),
  subject: z
    .string()
    .max(998)
    .regex(/^[^\r\n]*$/, "expected one line")
    .describe("One line."),
  body: z.string().default("").describe("Plain text."),
});
type Mail = z.output<typeof input>;

/**
 * Sends one mail. The Message-ID contains the task's id. An attempt after a lost reply sends the
 * same message again, and mail systems that compare ids show it once.
 */
export const sendMail = defineTask({
  name: "mail.send",
  description: "Sends one plain-text mail through the server of SMTP_URL.",
  input,
  output: z.object({ messageId: z.string().describe("The Message-ID, with its angle brackets.") }),
  queue: "mail",
  retry: { maxAttempts: 5, backoff: "exponential", initialDelay: "1s", maxDelay: "10m", jitter: true },
  timeLimit: "30s",
  run: async (mail, ctx) => {
    ctx.signal.throwIfAborted();
    const server = readServer(process.env["SMTP_URL"]);
    const sender = readSender(process.env["MAIL_FROM"] || "lovage@localhost");
    const messageId = `<lovage.${ctx.id}@${sender.address.slice(sender.address.lastIndexOf("@") + 1)}>`;
    await send(server, sender, messageId, mail, ctx);
    ctx.log.info("mail accepted", { server: server.name, messageId });
    return { messageId };
  },
});

interface Server {
  readonly url: string;
  /** Host and port for messages: the URL may contain a password. */
  readonly name: string;
}

interface Sender {
  readonly name: string;
  readonly address: string;
}

const EXAMPLE =
  "Set SMTP_URL to smtp://user:password@host:587, or smtps:// for TLS from the start, and restart the worker.";

function readServer(text: string | undefined): Server {
  if (!text) throw new FatalError(`SMTP_URL: expected the URL of a mail server, got none. ${EXAMPLE}`);
  // The value and the parser's error are not shown: both may contain the password.
  const url = URL.parse(text);
  if (url === null) throw new FatalError(`SMTP_URL: expected a URL. ${EXAMPLE}`);
  if (url.protocol !== "smtp:" && url.protocol !== "smtps:") {
    throw new FatalError(`SMTP_URL: expected "smtp:" or "smtps:", got "${url.protocol}". ${EXAMPLE}`);
  }
  if (url.hostname === "") throw new FatalError(`SMTP_URL: expected a URL with a host. ${EXAMPLE}`);
  if (!canDecode(url.username) || !canDecode(url.password)) {
    throw new FatalError(
      `SMTP_URL: expected percent-encoding in user and password, got a single "%". Write it as "%25". ${EXAMPLE}`,
    );
  }
  return { url: url.href, name: url.host };
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function readSender(text: string): Sender {
  const [sender, ...others] = /[\r\n]/.test(text) ? [] : addressparser(text, { flatten: true });
  // Less strict than the recipient's rule: "lovage@localhost" is a valid sender on one's own
  // machine.
  if (sender && others.length === 0 && /^[^\s@<>]+@[^\s@<>]+$/.test(sender.address)) return sender;
  throw new FatalError(
    `MAIL_FROM: expected one address such as "Shop <shop@example.com>", got ${JSON.stringify(text.slice(0, 80))}. Set it and restart the worker.`,
  );
}

async function send(
  server: Server,
  sender: Sender,
  messageId: string,
  mail: Mail,
  ctx: TaskContext,
): Promise<void> {
  const transport = openTransport(server);
  try {
    await transport.sendMail({
      from: sender,
      // An object: a string would be read as a list of addresses.
      to: { name: "", address: mail.to },
      subject: mail.subject,
      text: mail.body,
      messageId,
      disableFileAccess: true,
      disableUrlAccess: true,
      signal: ctx.signal,
    });
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw explain(error as NodemailerError, server);
  } finally {
    transport.close();
  }
}

function openTransport(server: Server): Transporter {
  return createTransport({
    url: server.url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  });
}

/** The error of a failed delivery: fatal for a permanent refusal, otherwise retryable. */
function explain(error: NodemailerError, server: Server): Error {
  const reply = error.response?.trim().slice(0, 300);
  if (error.responseCode === undefined || !reply) {
    return new Error(
      `SMTP server ${server.name} failed: ${error.message}. Check SMTP_URL and that the server runs.`,
      {
        cause: error,
      },
    );
  }
  const message = `SMTP server ${server.name} answered ${error.command ?? "the session"} with: ${reply}`;
  // 503 (bad sequence) concerns the session, not the mail; a new session may succeed.
  const isPermanent = error.responseCode >= 500 && error.responseCode !== 503;
  return isPermanent
    ? new FatalError(`${message}. It will not accept this mail.`, { cause: error })
    : new Error(message, { cause: error });
}
