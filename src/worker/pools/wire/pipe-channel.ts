import { Socket } from "node:net";
import { Frames } from "./frames.ts";
import type { ChildChannel } from "../parent/child-channel.ts";
import type { ChildMessage, ParentMessage } from "./protocol.ts";

/** The descriptor of a child that leads to its worker. */
const DESCRIPTOR = 3;

/** A child process's way to its worker. When it closes, the worker is gone or wants this process to leave. */
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
