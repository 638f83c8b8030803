import { Socket } from "node:net";
import type { MessagePort } from "node:worker_threads";
import { Frames } from "../wire/frames.ts";
import type { ChildMessage, ParentMessage } from "../wire/protocol.ts";

/**
 * Above this number of pending messages, those that may be dropped are dropped. While a loop never
 * waits, a child process can send nothing, and its messages would fill the memory.
 */
export const MAX_PENDING = 1_000;

/** The descriptor of a child process that is connected to its worker. */
const DESCRIPTOR = 3;

/** A child's connection to its worker. When the worker closes it, the child exits. */
export interface ChildChannel {
  /** Messages that the system has not accepted yet: the child keeps them in its memory. */
  readonly pending: number;
  send(message: ChildMessage): void;
}

/** The channel of a child process: a pipe. It also closes when the worker dies. */
export class PipeChannel implements ChildChannel {
  readonly #frames: Frames;

  constructor(onMessage: (message: ParentMessage) => void) {
    const socket = new Socket({ fd: DESCRIPTOR, readable: true, writable: true });
    socket.on("close", () => process.exit(0));
    this.#frames = new Frames(socket, {
      onMessage: (message) => onMessage(message as ParentMessage),
      onGarbage: () => process.exit(1),
    });
  }

  get pending(): number {
    return this.#frames.pending;
  }

  send(message: ChildMessage): void {
    this.#frames.send(message);
  }
}

/** The channel of a thread: a message port. */
export class ThreadChannel implements ChildChannel {
  /** A sent message belongs to the worker at once, whatever this thread does then. */
  readonly pending = 0;

  constructor(
    private readonly port: MessagePort,
    onMessage: (message: ParentMessage) => void,
  ) {
    port.on("message", onMessage);
    port.on("close", () => process.exit(0));
  }

  send(message: ChildMessage): void {
    this.port.postMessage(message);
  }
}
