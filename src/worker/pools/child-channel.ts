import { Socket } from "node:net";
import { Frames } from "./frames.ts";
import type { ChildMessage, ParentMessage } from "./protocol.ts";

/** The descriptor of a child that leads to its worker. */
const DESCRIPTOR = 3;

const MAX_PENDING = 1_000;

/** A child's way to its worker. When it closes, the worker is gone or wants this process to leave. */
export class ChildChannel {
  readonly #frames: Frames;

  constructor(onMessage: (message: ParentMessage) => void) {
    const socket = new Socket({ fd: DESCRIPTOR, readable: true, writable: true });
    socket.on("close", () => process.exit(0));
    this.#frames = new Frames(socket, {
      onMessage: (message) => onMessage(message as ParentMessage),
      onGarbage: () => process.exit(1),
    });
  }

  /**
   * A loop that never waits lets nothing leave this process: what may be dropped is, where so much waits already, or it would fill the memory.
   */
  get isFull(): boolean {
    return this.#frames.pending >= MAX_PENDING;
  }

  send(message: ChildMessage): void {
    this.#frames.send(message);
  }
}
