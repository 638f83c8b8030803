import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { errorBody, type HttpRefusal } from "../errors/refusal.ts";
import { API_HEADERS } from "./security-headers.ts";

/**
 * Replies on a bare connection without a response object, for a refused upgrade or bytes that are
 * not HTTP. Ends it.
 */
export function refuseOnSocket(socket: Duplex, refusal: HttpRefusal, requestId: string): void {
  if (!socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const body = errorBody(refusal, requestId);
  const headers = {
    ...API_HEADERS,
    ...refusal.headers,
    "x-request-id": requestId,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? "Refused"}`;
  // The peer may have left by now, which is expected.
  socket.on("error", () => socket.destroy());
  socket.end(`${status}\r\n${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
