import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

/**
 * Callers that ask for too much, or read nothing of it, or say nothing: a process of its own, so
 * that its work is not the measuring one's. `node hostile-readers.ts <url>`; prints what it was
 * answered, by kind and code, when it is told to end.
 */
const url = new URL(process.argv[2]!);
const answers = new Map<string, number>();

/** 100 bytes that asked for 8,000,000 rows. */
const NESTED =
  "{tasks(first:200){nodes{definition{runs(first:200){nodes{definition{runs(first:200){nodes{id}}}}}}}}}";
/** About 400 bytes that asked for 410 MB. */
const ALIASED = `{tasks(first:200,filter:{names:["fault.large"]}){nodes{${Array.from({ length: 29 }, (_, i) => `a${i}:result`).join(" ")}}}}`;
/** Just within the limits. */
const LARGE = '{tasks(first:200,filter:{names:["fault.large"]}){nodes{id result}}}';
const SEARCH = '{tasks(first:50,filter:{search:"nothing has this text"}){nodes{id}}}';

const loops = [
  ...crowd(4, () => asking("nested", NESTED)),
  ...crowd(4, () => asking("aliased", ALIASED)),
  ...crowd(2, () => asking("search", SEARCH)),
  ...crowd(10, () => neverReading()),
  ...crowd(10, () => neverReadingSocket()),
  ...crowd(150, () => silentSocket()),
];
console.log("attacking");
process.once("SIGTERM", () => {
  console.log(JSON.stringify(Object.fromEntries(answers)));
  process.exit(0);
});
await Promise.all(loops);

function crowd(count: number, attack: () => Promise<void>): Promise<void>[] {
  return Array.from({ length: count }, async () => {
    for (;;) {
      await attack().catch((error: unknown) =>
        note("failed", (error as NodeJS.ErrnoException).code ?? String(error)),
      );
      await sleep(50);
    }
  });
}

function note(kind: string, answer: string): void {
  const key = `${kind} ${answer}`;
  answers.set(key, (answers.get(key) ?? 0) + 1);
}

async function asking(kind: string, query: string): Promise<void> {
  const reply = await fetch(new URL("/graphql", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const text = await reply.text();
  note(kind, /"code":"(\w+)"/.exec(text)?.[1] ?? String(reply.status));
}

async function open(): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  socket.on("error", () => undefined); // The close says enough.
  await once(socket, "connect");
  return socket;
}

/** Asks for much over HTTP, reads the first bytes, and stays until it is cut off. */
async function neverReading(): Promise<void> {
  const socket = await open();
  const body = JSON.stringify({ query: LARGE });
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const [first] = (await once(socket, "data")) as [Buffer];
  socket.pause();
  note("unread", first.toString("latin1", 9, 12));
  await cutOff(socket);
}

/** Asks for much over a WebSocket, reads nothing, and goes on sending. */
async function neverReadingSocket(): Promise<void> {
  const socket = await openWebSocket();
  socket.send('{"type":"connection_init"}');
  await once(socket, "message");
  socket.pause();
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: LARGE } }));
  const answering = setInterval(() => socket.pong(), 1_000);
  await Promise.race([once(socket, "close"), sleep(20_000)]);
  clearInterval(answering);
  socket.terminate();
  note("unread socket", "ended");
}

/** Opens a WebSocket and says nothing. */
async function silentSocket(): Promise<void> {
  const socket = await openWebSocket();
  const [code] = (await once(socket, "close")) as [number];
  note("silent", String(code));
}

async function openWebSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${url.host}/graphql`, "graphql-transport-ws");
  socket.on("error", () => undefined);
  await once(socket, "open");
  return socket;
}

/** A paused socket does not learn that it was cut off: it looks now and then, by sending. */
async function cutOff(socket: Socket): Promise<void> {
  while (!socket.destroyed) {
    await sleep(1_000);
    socket.write("\r\n");
  }
}
