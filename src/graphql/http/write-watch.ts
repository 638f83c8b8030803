import type { Socket } from "node:net";
import { SECOND } from "../../lib/clock.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { Service } from "../../lib/async/service.ts";

export interface WriteWatchOptions {
  /** A connection is terminated if its peer has not read waiting bytes for this long. */
  readonly stuckAfterMs: number;
  readonly log: Logger;
}

const LOOKS_PER_PERIOD = 6;
const LOG_EVERY_MS = 10 * SECOND;

interface Progress {
  /** Number of bytes that the operating system has accepted. */
  moved: number;
  /**
   * Number of checks since it last grew. Checks are counted, not time: a process that was stopped
   * for a minute terminates nobody.
   */
  still: number;
}

/**
 * Terminates connections whose peer does not read. Node's own timeout does not: it also counts
 * received bytes, so a WebSocket's peer that answers pings, or an HTTP client that keeps sending
 * requests, never reaches it.
 */
export class WriteWatch implements Service {
  readonly #sockets = new Map<Socket, Progress>();
  readonly #looks: Interval;
  readonly #cutLog = new LogLimit(LOG_EVERY_MS);

  constructor(private readonly options: WriteWatchOptions) {
    const { stuckAfterMs, log } = options;
    this.#looks = new Interval(async () => this.#look(), {
      name: "stuckWrites",
      everyMs: stuckAfterMs / LOOKS_PER_PERIOD,
      onError: (error) => log.error("Looking for stuck connections failed.", { err: error }),
    });
  }

  start = (): Promise<void> => this.#looks.start();
  stop = (): Promise<void> => this.#looks.stop();
  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Watches a connection until it closes. */
  add = (socket: Socket): void => {
    this.#sockets.set(socket, { moved: movedBytes(socket), still: 0 });
    socket.once("close", () => this.#sockets.delete(socket));
  };

  /**
   * Terminates, if memory is short, connections without progress since the check before the last
   * one.
   */
  cutSlowest = (): void => {
    for (const [socket, { moved, still }] of this.#sockets) {
      if (still > 0 && socket.writableLength > 0 && movedBytes(socket) === moved) this.#end(socket);
    }
  };

  #look(): void {
    for (const [socket, progress] of this.#sockets) {
      const moved = movedBytes(socket);
      if (socket.writableLength === 0 || moved !== progress.moved) {
        Object.assign(progress, { moved, still: 0 });
      } else {
        progress.still += 1;
        if (progress.still >= LOOKS_PER_PERIOD) this.#end(socket);
      }
    }
  }

  #end(socket: Socket): void {
    const { remoteAddress: address, writableLength: unreadBytes } = socket;
    this.#sockets.delete(socket);
    socket.destroy();
    this.#cutLog.pass((heldBack) =>
      this.options.log.warn("A connection was cut off: its peer does not read.", {
        address,
        unreadBytes,
        heldBack,
      }),
    );
  }
}

/**
 * Returns the number of bytes that the operating system has accepted from a socket. Node's count of
 * written bytes includes waiting ones. The handle knows the number of those, also within one large
 * write. Without a handle, whole writes count.
 */
function movedBytes(socket: Socket): number {
  const handle = (socket as { _handle?: { bytesWritten?: number; writeQueueSize?: number } | null })._handle;
  if (typeof handle?.bytesWritten === "number" && typeof handle.writeQueueSize === "number") {
    return handle.bytesWritten - handle.writeQueueSize;
  }
  return socket.bytesWritten - socket.writableLength;
}
