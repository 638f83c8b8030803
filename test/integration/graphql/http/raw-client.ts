import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Sends bytes as they are over a new connection, and reads until the server closes it. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawReply> {
  const socket = await openRaw(port);
  const done = readToEnd(socket);
  socket.write(bytes);
  return parseReply(await done);
}

/**
 * A request with headers that fetch would not let through; the connection is closed after the
 * reply.
 */
export function requestRaw(
  port: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): Promise<RawReply> {
  const all = {
    host: `127.0.0.1:${port}`,
    connection: "close",
    "content-length": String(body.length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return sendRaw(port, `${line} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

export async function openRaw(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** What arrives until the connection ends, be it by a reset. */
export async function readToEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

export function parseReply(text: string): RawReply {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(":")).toLowerCase(),
    line.slice(line.indexOf(":") + 1).trim(),
  ]);
  return {
    status: Number(status.split(" ")[1]),
    headers: Object.fromEntries(headers),
    text: rest.join("\r\n\r\n"),
  };
}
