import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ApolloClient, gql } from "@apollo/client";
import type { Client as UrqlClient } from "@urql/core";
import type { Client as SseClient } from "graphql-sse";
import type { Client as SocketClient } from "graphql-ws";
import { expect, test } from "vitest";
import { toAsyncIterable } from "wonka";
import { createClient } from "../../src/client.ts";
import type * as tasks from "../support/client.tasks.ts";
import { docExamples } from "../support/doc-examples.ts";
import { startCluster } from "./support/cluster.ts";

const TASKS = fileURLToPath(new URL("../support/client.tasks.ts", import.meta.url));
/** Ten milliseconds each. */
const STEPS = 600;
/** The server is killed when every client has received that many. */
const KILLS = [50, 350] as const;

/** A message of the subscription below. */
interface Message {
  readonly type?: string;
  readonly emitted?: { readonly payload: unknown } | null;
}
/** Follows a task to its end, with the means of a page of docs/clients. */
type Follow = (url: string, id: string, take: (message: Message) => void) => Promise<void>;

const FOLLOW = `subscription Follow($id: ID!, $after: String) {
  task(id: $id, after: $after) {
    ... on StreamMessage { cursor }
    ... on TaskUpdate { type emitted { payload } }
  }
}`;

test("the clients of the documentation miss no event and get none twice while the server is killed", async () => {
  await using scope = new AsyncDisposableStack();
  const cluster = scope.use(await startCluster({ tasks: [TASKS] }));
  const clients = await clientsOf(scope);
  let server = await cluster.server();
  await using client = createClient<typeof tasks>({ url: cluster.url });
  const task = await client.enqueue("client.count", { to: STEPS });

  const marks = [1, ...KILLS].map((messages) => ({ messages, all: new Countdown(clients.size) }));
  const received = Array.from(clients, ([name, follow]) => {
    const messages: Message[] = [];
    const end = follow(cluster.url, task.id, (message) => {
      messages.push(message);
      for (const mark of marks) if (mark.messages === messages.length) mark.all.down();
    });
    return { name, messages, end };
  });
  const ended = Promise.all(received.map(({ end }) => end));
  // The task starts when all its clients listen.
  await Promise.race([marks[0]!.all.reached, ended]);
  await cluster.worker({ ready: false });
  for (const { all } of marks.slice(1)) {
    await Promise.race([all.reached, ended]);
    server.kill("SIGKILL");
    await server.exited;
    server = await cluster.server({ ready: false });
  }
  await ended;

  const steps = Array.from({ length: STEPS }, (_, index) => index + 1);
  for (const { name, messages } of received) {
    const emitted = messages.flatMap(({ emitted }) => (emitted ? [emitted.payload] : []));
    expect.soft(emitted, name).toEqual(steps);
    const types = messages.flatMap(({ type }) => (type === "EMITTED" ? [] : [type]));
    expect.soft(types, name).toEqual(["QUEUED", "STARTED", "SUCCEEDED"]);
  }
}, 120_000);

/** How each client follows a task. */
async function clientsOf(scope: AsyncDisposableStack): Promise<ReadonlyMap<string, Follow>> {
  const load = async <Module>(page: string, file: string): Promise<Module> =>
    scope.use(await docExamples(`docs/clients/${page}`)).load<Module>(file);
  const ws = await load<{ connect: (url: string) => SocketClient }>("graphql-ws.md", "connect.ts");
  const sse = await load<{ connect: (url: string) => SseClient }>("graphql-sse.md", "connect.ts");
  const { resuming } = await load<{
    resuming: (client: SseClient, query: string, variables: object) => AsyncIterable<Message>;
  }>("graphql-sse.md", "follow.ts");
  const { apollo } = await load<{ apollo: (url: string) => ApolloClient }>("apollo-client.md", "apollo.ts");
  const { urql } = await load<{ urql: (url: string) => UrqlClient }>("urql.md", "urql.ts");
  const { dir } = scope.use(await docExamples("docs/clients/curl.md"));
  return new Map<string, Follow>([
    [
      "graphql-ws",
      async (url, id, take) => {
        const client = ws.connect(url);
        const messages = client.iterate<{ task: Message }>({ query: FOLLOW, variables: { id } });
        for await (const { data } of messages) take(data!.task);
        await client.dispose();
      },
    ],
    [
      "graphql-sse",
      async (url, id, take) => {
        const client = sse.connect(url);
        for await (const message of resuming(client, FOLLOW, { id })) take(message);
        client.dispose();
      },
    ],
    [
      "Apollo Client",
      (url, id, take) =>
        new Promise((resolve, reject) => {
          apollo(url)
            .subscribe<{ task: Message }>({ query: gql(FOLLOW), variables: { id } })
            .subscribe({
              next: ({ data, error }) => (error ? reject(error) : take(data!.task)),
              error: reject,
              complete: resolve,
            });
        }),
    ],
    [
      "urql",
      async (url, id, take) => {
        const messages = urql(url).subscription<{ task: Message }>(FOLLOW, { id });
        for await (const { data, hasNext } of toAsyncIterable(messages)) if (hasNext) take(data!.task);
      },
    ],
    [
      "curl",
      async (url, id, take) => {
        const shell = spawn("bash", [join(dir, "follow-on.sh"), id], {
          stdio: ["ignore", "pipe", "inherit"],
          env: { ...process.env, LOVAGE_URL: url },
        });
        scope.defer(() => void shell.kill());
        for await (const line of createInterface({ input: shell.stdout }))
          take((JSON.parse(line) as { data: { task: Message } }).data.task);
      },
    ],
  ]);
}

/** Resolves when it has been counted down to zero. */
class Countdown {
  readonly #reached = Promise.withResolvers<void>();
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  down(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#reached.resolve();
  }
}
