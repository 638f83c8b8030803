import {
  GraphQLEnumType,
  GraphQLError,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
} from "graphql";
import { UnavailableError } from "../../../../src/errors.ts";
import { toGraphqlError } from "../../../../src/graphql/errors.ts";
import { HttpServer } from "../../../../src/graphql/http/server.ts";
import type { HealthReport, HttpServerOptions } from "../../../../src/graphql/http/server-options.ts";
import type { RequestInfo } from "../../../../src/graphql/http/operations/replies.ts";
import { silentLogger, type LogFields, type Logger } from "../../../../src/lib/log/log.ts";
import { EventSource } from "./event-source.ts";

interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestServer extends AsyncDisposable {
  readonly server: HttpServer;
  readonly url: string;
  readonly port: number;
  /** Arguments of each `add` mutation that ran. */
  readonly added: number[];
  /** What contexts were made of, in order. */
  readonly contexts: RequestInfo[];
  readonly logs: LogRecord[];
  /** What the subscription `ticks` listens to. */
  readonly ticks: EventSource<string>;
  /** POSTs JSON to /graphql. */
  post(body: unknown, headers?: Record<string, string>): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
  };
}

const HEALTHY: HealthReport = { ok: true, parts: { process: { ok: true } } };

/** A server with a small schema on a free port. */
export async function startServer(options: Partial<HttpServerOptions> = {}): Promise<TestServer> {
  const added: number[] = [];
  const contexts: RequestInfo[] = [];
  const logs: LogRecord[] = [];
  const ticks = new EventSource<string>();
  const server = new HttpServer({
    schema: testSchema(added, ticks),
    createContext: (request) => (contexts.push(request), { ...request }),
    host: "127.0.0.1",
    port: 0,
    token: null,
    allowedHosts: [],
    allowedOrigins: [],
    trustedProxies: [],
    connectionLimits: { total: 1_000, perAddress: 1_000 },
    socketLimits: { total: 100, perAddress: 100, perToken: 100, pendingPerAddress: 100, opensPerSecond: 100 },
    maxReplyBytes: 16 * 1024 * 1024,
    subscriptionLimits: { total: 1_000, perAddress: 1_000, perToken: 1_000 },
    production: false,
    graphiqlDir: null,
    health: { live: async () => HEALTHY, ready: async () => HEALTHY },
    log: recordingLogger(logs),
    ...options,
  });
  await server.start();
  const url = server.url!;
  return {
    server,
    url,
    port: Number(new URL(url).port),
    added,
    contexts,
    logs,
    ticks,
    post: (body, headers = {}) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const init = {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: text,
      };
      return request(`${url}/graphql`, init);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Fetches, and reads the reply, which must be JSON or empty. */
export async function request(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === "" ? {} : JSON.parse(text),
  };
}

function recordingLogger(logs: LogRecord[]): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void logs.push({ level, message, fields });
  return { ...silentLogger, debug: at("debug"), warn: at("warn"), error: at("error") };
}

function failAway(): never {
  throw toGraphqlError(new UnavailableError("database", { retryAfterMs: 2_500 }));
}

function testSchema(added: number[], ticks: EventSource<string>): GraphQLSchema {
  const json = new GraphQLScalarType({ name: "JSON" });
  const even = new GraphQLScalarType({
    name: "Even",
    parseValue: (value) => {
      if (Number(value) % 2 !== 0) throw new Error(`${String(value)} is not even`);
      return value;
    },
  });
  const color = new GraphQLEnumType({ name: "Color", values: { RED: {}, GREEN: {} } });
  const node: GraphQLObjectType = new GraphQLObjectType({
    name: "Node",
    fields: () => ({
      id: { type: GraphQLString, resolve: () => "n" },
      child: { type: node, resolve: () => ({}) },
    }),
  });
  const query = new GraphQLObjectType({
    name: "Query",
    fields: {
      hello: { type: GraphQLString, resolve: () => "world" },
      who: { type: GraphQLString, resolve: (_source, _args, context) => context.actor },
      node: { type: node, resolve: () => ({}) },
      // As `node`, whose name has a rule of cost.
      tree: { type: node, resolve: () => ({}) },
      echo: { type: json, args: { value: { type: json } }, resolve: (_source, { value }) => value },
      half: { type: GraphQLInt, args: { of: { type: even } }, resolve: (_source, { of }) => of / 2 },
      paint: {
        type: GraphQLString,
        args: { color: { type: color } },
        resolve: (_source, args) => String(args.color),
      },
      crash: {
        type: GraphQLString,
        resolve: () => {
          throw new Error("password=hunter2");
        },
      },
      mustNotBeNull: { type: new GraphQLNonNull(GraphQLString), resolve: () => null },
      refuse: {
        type: GraphQLString,
        resolve: () => {
          throw new GraphQLError("Cursor cannot be read.", { extensions: { code: "BAD_CURSOR" } });
        },
      },
      away: { type: GraphQLString, resolve: failAway },
      awayForAll: { type: new GraphQLNonNull(GraphQLString), resolve: failAway },
      never: { type: GraphQLString, resolve: () => new Promise(() => undefined) },
    },
  });
  const mutation = new GraphQLObjectType({
    name: "Mutation",
    fields: {
      add: {
        type: GraphQLInt,
        args: { x: { type: GraphQLInt } },
        resolve: (_source, { x }) => added.push(x),
      },
    },
  });
  const subscription = new GraphQLObjectType({
    name: "Subscription",
    fields: {
      ticks: {
        type: GraphQLString,
        subscribe: () => ticks.subscribe(),
        resolve: (event: string) => {
          if (event === "crash") throw new Error("password=hunter2");
          return event;
        },
      },
      // Messages with a cursor: the numbers after it.
      counted: {
        type: new GraphQLObjectType({ name: "Counted", fields: { n: { type: GraphQLInt } } }),
        args: { to: { type: GraphQLInt }, after: { type: GraphQLString } },
        resolve: (message) => message,
        subscribe: (_source, { to, after }) => {
          const from = Number(after ?? 0);
          if (Number.isNaN(from))
            throw new GraphQLError('Start without "after".', { extensions: { code: "BAD_CURSOR" } });
          return countOn(from, to);
        },
      },
      broken: {
        type: GraphQLString,
        subscribe: async function* () {
          yield { broken: "first" };
          throw new Error("password=hunter2");
        },
      },
    },
  });
  return new GraphQLSchema({ query, mutation, subscription });
}

async function* countOn(from: number, to: number): AsyncGenerator<{ cursor: string; n: number }> {
  for (let n = from + 1; n <= to; n++) yield { cursor: String(n), n };
}
