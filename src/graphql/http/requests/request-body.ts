import { shorten } from "../../../lib/quote.ts";
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "../errors/refusal.ts";

/**
 * Reads and parses the JSON body of a request. Throws an HttpRefusal for a body that is not JSON in
 * UTF-8 of at most `maxBytes`. If the headers show it, it throws before reading.
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  checkHeaders(request, maxBytes);
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) {
    throw new HttpRefusal(400, "BAD_REQUEST", 'Request body is empty; send JSON with "query".');
  }
  if (!isUtf8(bytes)) throw new HttpRefusal(400, "BAD_REQUEST", "Body is not valid UTF-8.");
  return parseJson(bytes.toString("utf8"));
}

function checkHeaders({ headers }: IncomingMessage, maxBytes: number): void {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") {
    // Nothing is decompressed: a small body could become a large one.
    const message = `Content-Encoding "${shorten(encoding)}" is not supported; send the body uncompressed.`;
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", message);
  }
  const length = Number(headers["content-length"] ?? 0);
  if (length > maxBytes) throw tooLarge(inMebibytes(length), maxBytes);
  // An empty body is reported first: it is a more common mistake than a missing type.
  if (length === 0 && headers["transfer-encoding"] === undefined) return;
  checkContentType(headers["content-type"]);
}

function checkContentType(contentType: string | undefined): void {
  const [type = "", ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  if (type !== "application/json") {
    const found = type === "" ? "none was sent" : `got "${shorten(type)}"`;
    throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", `Use content-type application/json (${found}).`);
  }
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (charset === undefined || /^"?utf-?8"?$/.test(charset)) return;
  const message = `Charset "${shorten(charset)}" is not supported; send the body as utf-8.`;
  throw new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", message);
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onCut = (): void =>
      reject(new HttpRefusal(400, "BAD_REQUEST", "The connection ended within the body."));
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      // The rest is read and dropped. Otherwise the client would never see the reply.
      if (length > maxBytes) reject(tooLarge(`over ${inMebibytes(maxBytes)}`, maxBytes));
      else chunks.push(chunk);
    });
    request.once("end", () => {
      request.off("close", onCut);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.once("error", onCut);
    request.once("close", onCut);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = findJsonErrorPosition(text, error);
    const where = position === null ? "" : ` (position ${position})`;
    throw new HttpRefusal(400, "BAD_REQUEST", `Body is not valid JSON${where}.`);
  }
}

function tooLarge(size: string, maxBytes: number): HttpRefusal {
  const message = `Body is ${size}; the limit is ${inMebibytes(maxBytes).replace(/\.0 /, " ")}.`;
  return new HttpRefusal(413, "PAYLOAD_TOO_LARGE", message);
}

function inMebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/**
 * Returns the index at which a string stops being JSON, by the error of `JSON.parse`, or null if it
 * is unknown. Most messages of V8 name the position. The others quote ten characters on each side
 * of the bad one.
 */
export function findJsonErrorPosition(text: string, error: unknown): number | null {
  const message = error instanceof Error ? error.message : "";
  const named = /at position (\d+)/.exec(message);
  if (named) return Number(named[1]);
  if (message.startsWith("Unexpected end of JSON input")) return text.length;
  return findQuoted(text, message);
}

const CONTEXT = 10;

function findQuoted(text: string, message: string): number | null {
  const quote = /^Unexpected token '(.+?)', (\.{3})?"([\s\S]*)"(\.{3})? is not valid JSON$/u.exec(message);
  if (!quote) return null;
  const [, token = "", cutBefore, quoted = "", cutAfter] = quote;
  if (!cutBefore && !cutAfter) return findInShort(text, token);
  if (!cutBefore) return quoted.length - CONTEXT;
  if (!cutAfter) return text.length - quoted.length + CONTEXT;
  const first = text.indexOf(quoted);
  return first !== -1 && first === text.lastIndexOf(quoted) ? first + CONTEXT : null;
}

/**
 * Returns the first occurrence of the bad character up to which the string could be the start of
 * JSON.
 */
function findInShort(text: string, token: string): number | null {
  for (let at = text.indexOf(token); at !== -1; at = text.indexOf(token, at + 1)) {
    if (isBeginning(text.slice(0, at))) return at;
  }
  return null;
}

function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    // Within a JSON string every character is valid, so the bad one comes later.
    if (message.startsWith("Unterminated string")) return false;
    return (
      message.startsWith("Unexpected end of JSON input") || message.includes(`at position ${text.length} `)
    );
  }
}
