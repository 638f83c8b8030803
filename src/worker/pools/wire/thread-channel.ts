import type { MessagePort } from "node:worker_threads";
import type { ChildChannel } from "../parent/child-channel.ts";
import type { ChildMessage, ParentMessage } from "./protocol.ts";

/** A thread's way to its worker. When it closes, the worker wants this thread to leave. */
export class ThreadChannel implements ChildChannel {
  /** They are the worker's as soon as they are sent, whatever this thread does then. */
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
