import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sendMail } from "../../../src/demo/mail.tasks.ts";
import { FatalError } from "../../../src/index.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { startSmtp } from "../../support/servers/smtp.ts";
import { parseInput, recordContext, runTask, runUnchecked } from "../../support/run-task.ts";

const MAIL = { to: "ada@example.com", subject: "Hello", body: "How are you?" };

beforeEach(() => {
  vi.stubEnv("MAIL_FROM", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function startServer(options?: Parameters<typeof startSmtp>[0]): ReturnType<typeof startSmtp> {
  const smtp = await startSmtp(options);
  vi.stubEnv("SMTP_URL", smtp.url);
  return smtp;
}

/** The header lines of a mail, folded lines joined. */
function headersOf(raw: string): string[] {
  const head = raw.slice(0, raw.indexOf("\r\n\r\n"));
  return head.replaceAll(/\r\n[ \t]/g, " ").split("\r\n");
}

async function failureOf(running: Promise<unknown>): Promise<Error> {
  const error: unknown = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe("delivery", () => {
  test("sends the mail and returns its Message-ID", async () => {
    await using smtp = await startServer();
    const { context } = recordContext();
    const { messageId } = await runTask(sendMail, MAIL, context);
    const mail = await smtp.next();
    expect(mail.from).toBe("lovage@localhost");
    expect(mail.to).toEqual(["ada@example.com"]);
    expect(headersOf(mail.raw)).toEqual(
      expect.arrayContaining([
        "From: lovage@localhost",
        "To: ada@example.com",
        "Subject: Hello",
        `Message-ID: ${messageId}`,
      ]),
    );
    expect(mail.raw).toContain("How are you?");
    expect(messageId).toBe(`<lovage.${context.id}@localhost>`);
  });

  test("carries any letters in subject and body", async () => {
    await using smtp = await startServer();
    await runTask(sendMail, {
      ...MAIL,
      subject: "Grüße – 任务 ✓",
      body: "任务开始执行…\nzweite Zeile äöü 🌿",
    });
    const { raw } = await smtp.next();
    const subject = headersOf(raw)
      .find((line) => line.startsWith("Subject: "))!
      .slice(9);
    const decoded = subject.replaceAll(
      /=\?UTF-8\?([BQ])\?([^?]*)\?= ?/gi,
      (_, encoding: string, text: string) =>
        encoding.toUpperCase() === "B"
          ? Buffer.from(text, "base64").toString()
          : decodeQuoted(text.replaceAll("_", " ")),
    );
    expect(decoded).toBe("Grüße – 任务 ✓");
    expect(bodyOf(raw)).toBe("任务开始执行…\nzweite Zeile äöü 🌿");
  });

  test("sends from MAIL_FROM, with its name", async () => {
    await using smtp = await startServer();
    vi.stubEnv("MAIL_FROM", "The Shop <shop@example.org>");
    const { messageId } = await runTask(sendMail, { to: MAIL.to, subject: "" });
    const mail = await smtp.next();
    expect(mail.from).toBe("shop@example.org");
    expect(headersOf(mail.raw)).toContain("From: The Shop <shop@example.org>");
    expect(messageId).toMatch(/@example\.org>$/);
  });

  test("logs in with user and password of the URL", async () => {
    await using smtp = await startServer({ auth: { user: "app", pass: "p@ss:w/rd%" } });
    await runTask(sendMail, MAIL);
    expect(smtp.messages).toHaveLength(1);
  });

  test("a further attempt after a lost reply has the same Message-ID", async () => {
    await using smtp = await startServer();
    smtp.loseNextReply();
    const error = await failureOf(runTask(sendMail, MAIL, recordContext({ attempt: 1 }).context));
    expect(error).not.toBeInstanceOf(FatalError);
    const { messageId } = await runTask(sendMail, MAIL, recordContext({ attempt: 2 }).context);
    const [first, second] = smtp.messages;
    expect(headersOf(first!.raw)).toContain(`Message-ID: ${messageId}`);
    expect(headersOf(second!.raw)).toContain(`Message-ID: ${messageId}`);
  });
});

describe("failures", () => {
  test("a temporary refusal is worth another attempt", async () => {
    await using smtp = await startServer();
    smtp.reject(451);
    const error = await failureOf(runTask(sendMail, MAIL));
    expect(error).not.toBeInstanceOf(FatalError);
    expect(error.message).toMatch(
      /^SMTP server 127\.0\.0\.1:\d+ answered RCPT TO with: 451 Refused by the test/,
    );
    smtp.reject(undefined);
    await expect(runTask(sendMail, MAIL)).resolves.toHaveProperty("messageId");
  });

  test("a permanent refusal is not", async () => {
    await using smtp = await startServer();
    smtp.reject(550);
    const error = await failureOf(runTask(sendMail, MAIL));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain("550 Refused by the test");
    expect(smtp.messages).toEqual([]);
  });

  test("a wrong password is fatal and never shown", async () => {
    await using smtp = await startServer({ auth: { user: "app", pass: "right-one" } });
    vi.stubEnv("SMTP_URL", smtp.url.replace("right-one", "s3cret-wrong"));
    const error = await failureOf(runTask(sendMail, MAIL));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain("535");
    expect(`${error.message} ${String(error.cause)} ${JSON.stringify(error.cause)}`).not.toContain("s3cret");
  });

  test("an unreachable server is worth another attempt, and is named without the password", async () => {
    const port = await freePort();
    vi.stubEnv("SMTP_URL", `smtp://app:s3cret@127.0.0.1:${port}`);
    const error = await failureOf(runTask(sendMail, MAIL));
    expect(error).not.toBeInstanceOf(FatalError);
    expect(error.message).toMatch(
      new RegExp(`SMTP server 127\\.0\\.0\\.1:${port} failed: .*ECONNREFUSED.*Check SMTP_URL`),
    );
    expect(error.message).not.toContain("s3cret");
  });

  test.each([
    [undefined, "SMTP_URL: expected the URL of a mail server, got none"],
    ["", "SMTP_URL: expected the URL of a mail server, got none"],
    ["mail server s3cret", "SMTP_URL: expected a URL."],
    ["smtp://app:s3cret@host:99999", "SMTP_URL: expected a URL."],
    ["https://app:s3cret@mail.example.com", 'SMTP_URL: expected "smtp:" or "smtps:", got "https:"'],
    ["smtp://", "SMTP_URL: expected a URL with a host"],
    ["smtp:mail.example.com", "SMTP_URL: expected a URL with a host"],
    ["smtp://app:s3cret%@mail.example.com", 'Write it as "%25"'],
  ])("SMTP_URL %j is refused with the remedy", async (url, message) => {
    vi.stubEnv("SMTP_URL", url);
    const error = await failureOf(runTask(sendMail, MAIL));
    expect(error).toBeInstanceOf(FatalError);
    expect(error.message).toContain(message);
    expect(error.message).toContain("Set SMTP_URL to smtp://");
    expect(`${error.message} ${String(error.cause)}`).not.toContain("s3cret");
  });

  test.each(["nobody", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "<>"])(
    "MAIL_FROM %j is refused",
    async (sender) => {
      await using smtp = await startServer();
      vi.stubEnv("MAIL_FROM", sender);
      const error = await failureOf(runTask(sendMail, MAIL));
      expect(error).toBeInstanceOf(FatalError);
      expect(error.message).toMatch(/^MAIL_FROM: expected one address such as .*, got ".*"\. Set it/);
      expect(smtp.messages).toEqual([]);
    },
  );
});

describe("cancellation", () => {
  test("stops a session with a server that sends nothing", async () => {
    // Accepts and never greets.
    const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    try {
      vi.stubEnv("SMTP_URL", `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`);
      const controller = new AbortController();
      const accepted = once(silent, "connection");
      const running = failureOf(
        runTask(sendMail, MAIL, recordContext({ signal: controller.signal }).context),
      );
      const [socket] = await accepted;
      const closed = once(socket, "close");
      socket.resume();
      controller.abort(new Error("cancelled by a user"));
      expect((await running).message).toBe("cancelled by a user");
      await closed;
    } finally {
      silent.close();
    }
  });

  test("nothing is sent when the task was cancelled before it began", async () => {
    await using smtp = await startServer();
    const signal = AbortSignal.abort(new Error("cancelled by a user"));
    await expect(runTask(sendMail, MAIL, recordContext({ signal }).context)).rejects.toThrow(
      "cancelled by a user",
    );
    expect(smtp.messages).toEqual([]);
  });
});

describe("header injection", () => {
  test.each([
    [{ ...MAIL, subject: "Hi\r\nBcc: eve@example.com" }, "input.subject: expected one line"],
    [{ ...MAIL, subject: "Hi\nX: y" }, "input.subject: expected one line"],
    [{ ...MAIL, subject: "x".repeat(999) }, "input.subject"],
    [{ ...MAIL, to: "ada@example.com\r\nBcc: eve@example.com" }, "input.to"],
    [{ ...MAIL, to: "ada@example.com, eve@example.com" }, "input.to"],
    [{ ...MAIL, to: "Ada <ada@example.com>" }, "input.to"],
  ])("input %# is refused by the schema", async (input, message) => {
    await expect(parseInput(sendMail, input)).rejects.toThrow(message);
  });

  test("a value that bypasses the schema adds no header and no recipient either", async () => {
    await using smtp = await startServer();
    const subject = "Hi\r\nBcc: eve@example.com\r\n\r\nother body";
    await runUnchecked(sendMail, { ...MAIL, subject, to: "ada@example.com, eve@example.com" }).catch(
      () => undefined,
    );
    await runUnchecked(sendMail, { ...MAIL, subject });
    const mail = await smtp.next();
    expect(mail.to).toEqual(["ada@example.com"]);
    expect(headersOf(mail.raw).filter((line) => /^(bcc|x-)/i.test(line))).toEqual([]);
    expect(mail.raw).toContain("How are you?");
    expect(smtp.messages).toHaveLength(1);
  });
});

function bodyOf(raw: string): string {
  const body = raw.slice(raw.indexOf("\r\n\r\n") + 4).trimEnd();
  const isBase64 = /^content-transfer-encoding: base64$/im.test(raw);
  const text = isBase64 ? Buffer.from(body, "base64").toString() : decodeQuoted(body);
  return text.replaceAll("\r\n", "\n");
}

function decodeQuoted(text: string): string {
  const bytes = text
    .replaceAll(/=\r\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
