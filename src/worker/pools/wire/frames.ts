import type { Duplex } from "node:stream";
import { deserialize, serialize } from "node:v8";

const HEAD_BYTES = 4;
/** Well above the largest output, whose string takes twice its length in memory. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface FramesOptions {
  readonly onMessage: (message: unknown) => void;
  /** Called once for data that is not a message. Nothing is read afterwards. */
  readonly onGarbage: () => void;
}

/**
 * Sends and receives messages over a stream between two processes. Node's own channel would not do:
 * it throws on invalid data where nothing can catch the error, which ends the reading process; and
 * a task's code can write to any descriptor of its process.
 */
export class Frames {
  #chunks: Buffer[] = [];
  #buffered = 0;
  #pending = 0;
  #over = false;

  constructor(
    private readonly stream: Duplex,
    private readonly options: FramesOptions,
  ) {
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.on("error", () => undefined); // The other process has ended; its exit is reported by its handle.
  }

  /** Messages that the system has not accepted yet: they are in this process's memory. */
  get pending(): number {
    return this.#pending;
  }

  send(message: unknown): void {
    if (!this.stream.writable) return;
    const body = serialize(message);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(body.length);
    this.#pending += 1;
    this.stream.write(Buffer.concat([head, body]), () => {
      this.#pending -= 1;
    });
  }

  #take(chunk: Buffer): void {
    if (this.#over) return;
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    for (let bytes = this.#nextBytes(); bytes !== null; bytes = this.#nextBytes()) {
      if (bytes > MAX_BYTES) return this.#end();
      if (this.#buffered < HEAD_BYTES + bytes || !this.#read(bytes)) return;
    }
  }

  /** The length of the next message; null while it is not known. */
  #nextBytes(): number | null {
    if (this.#over || this.#buffered < HEAD_BYTES) return null;
    if (this.#chunks[0]!.length < HEAD_BYTES) this.#join();
    return this.#chunks[0]!.readUInt32BE(0);
  }

  #read(bytes: number): boolean {
    const all = this.#join();
    const body = all.subarray(HEAD_BYTES, HEAD_BYTES + bytes);
    this.#chunks = [all.subarray(HEAD_BYTES + bytes)];
    this.#buffered -= HEAD_BYTES + bytes;
    let message: unknown;
    try {
      message = deserialize(body);
    } catch {
      this.#end();
      return false;
    }
    this.options.onMessage(message);
    return true;
  }

  #join(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  #end(): void {
    this.#over = true;
    this.#chunks = [];
    this.options.onGarbage();
  }
}
