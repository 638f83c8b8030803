import { execute, type ExecutionResult, type GraphQLSchema, parse, subscribe, validate } from "graphql";
import { onTestFinished } from "vitest";
import { Services } from "../../../src/app/services.ts";
import { openStores } from "../../../src/app/adapters.ts";
import { MemoryBroker } from "../../../src/broker/memory/broker.ts";
import { MemoryRateLimiter } from "../../../src/broker/memory/rate-limiter.ts";
import { MemorySignals } from "../../../src/broker/memory/signals.ts";
import { type GivenSettings, resolveConfig } from "../../../src/config/config.ts";
import { TaskRuns } from "../../../src/engine/enqueue/task-runs.ts";
import { EventFeed } from "../../../src/engine/events/event-feed.ts";
import { MemoryEventStream } from "../../../src/events/memory/event-stream.ts";
import { createContextFactory, type GraphqlContext, type ApiServices } from "../../../src/graphql/context.ts";
import type { ReplyBudget } from "../../../src/graphql/http/operations/reply-budget.ts";
import { buildLovageSchema } from "../../../src/graphql/schema.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { Sql } from "../../../src/store/connection/sql.ts";
import type { TaskReader } from "../../../src/store/reading/task-reader.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import { DATABASES } from "../../support/databases.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field; a wrong name fails the test
export type Loose = any;
export type Data = Record<string, Loose>;
export type Result = { readonly data?: Data | null; readonly errors?: readonly ErrorShape[] };
interface ErrorShape {
  readonly message: string;
  readonly extensions: Data;
}
export type Variables = Readonly<Record<string, unknown>>;

/** The schema over real parts: the embedded database in memory, and events within this process. */
export interface Api extends AsyncDisposable {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly feed: EventFeed;
  readonly sql: Sql;
  /** How often these were asked of the task reader. */
  readonly calls: { outlines: number; values: number; counts: number; pages: number };
  context(actor?: string | null, reply?: ReplyBudget): GraphqlContext;
  run(source: string, variables?: Variables, actor?: string): Promise<Result>;
  /** The data of an answer without errors. */
  data(source: string, variables?: Variables): Promise<Data>;
  /** Opens a subscription; it is left when the test ends. */
  watch(source: string, variables?: Variables): Promise<Watcher>;
  /** The errors of a subscription that cannot be opened. */
  refusedWatch(source: string, variables?: Variables): Promise<readonly ErrorShape[]>;
}

export interface Watcher {
  /** The next message's data of the one root field. */
  next(): Promise<Loose>;
  /** Whether the stream is at its end. */
  ended(): Promise<boolean>;
  leave(): Promise<void>;
}

export async function openApi(
  definitions: readonly AnyTaskDefinition[],
  heartbeatMs = 60_000,
  settings: GivenSettings = {},
): Promise<Api> {
  const opened = await DATABASES[0]!.open();
  const stream = new MemoryEventStream();
  const registry = new Registry(definitions.map((definition) => ({ definition, file: null })));
  const stores = openStores(opened.database);
  const messaging = {
    broker: new MemoryBroker(),
    signals: new MemorySignals({ log: silentLogger }),
    limiter: new MemoryRateLimiter(),
    stream,
    results: null,
  };
  const { config } = resolveConfig({ env: {}, flags: settings });
  const services = new Services(config, registry, stores, messaging, systemClock, silentLogger);
  const feed = new EventFeed({ stream, clock: systemClock, heartbeatMs, log: silentLogger });
  await feed.start();
  const calls = { outlines: 0, values: 0, counts: 0, pages: 0 };
  const schema = buildLovageSchema(registry);
  const { router, enqueuer, broadcaster, explainer } = services;
  const taskRuns = new TaskRuns({ enqueuer, dryRun: stores.dryRun });
  const { taskControl, queueControl, workerControl, taskOverrideControl } = services;
  const apiServices: ApiServices = {
    ...{
      registry,
      router,
      enqueuer,
      taskRuns,
      broadcaster,
      explainer,
      taskControl,
      queueControl,
      workerControl,
      taskOverrideControl,
      feed,
      clock: systemClock,
    },
    reader: counting(stores.reader, calls),
    results: services.results,
    queues: stores.queues,
    workers: stores.workers,
    logs: stores.logs,
    logFeed: services.logFeed,
    schedules: services.schedules,
    control: stores.control,
    scheduleStore: stores.schedules,
    stats: stores.stats,
    statistics: services.statistics,
    info: {
      version: "1.2.3",
      broker: "memory",
      database: "embedded",
      timeZone: "Asia/Shanghai",
      startedAt: new Date(),
    },
  };
  const createContext = createContextFactory(apiServices);
  const context = (actor: string | null = null, reply?: ReplyBudget): GraphqlContext =>
    createContext({ requestId: "request-1", actor, ...(reply ? { reply } : {}) });
  const client = new Client(schema, context);
  return {
    ...{ schema, services, feed, calls, context, sql: opened.database.sql },
    run: client.run,
    data: client.data,
    watch: client.watch,
    refusedWatch: client.refusedWatch,
    [Symbol.asyncDispose]: async () => {
      await feed.stop();
      await services.logFeed.stop();
      await messaging.broker.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}

function counting(reader: TaskReader, calls: Api["calls"]): TaskReader {
  return {
    byIds: (ids) => reader.byIds(ids),
    outlines: (ids) => {
      calls.outlines += 1;
      return reader.outlines(ids);
    },
    values: (...args) => {
      calls.values += 1;
      return reader.values(...args);
    },
    counts: (...args) => {
      calls.counts += 1;
      return reader.counts(...args);
    },
    pages: (requests) => {
      calls.pages += 1;
      return reader.pages(requests);
    },
    cursorOf: (...args) => reader.cursorOf(...args),
    facets: (...args) => reader.facets(...args),
    ids: (...args) => reader.ids(...args),
    activeOf: (ids) => reader.activeOf(ids),
  };
}

/** Executes documents as a server does: parsed, validated, then run; answers are plain JSON. */
export class Client {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly context: (actor?: string | null) => GraphqlContext,
  ) {}

  run = async (source: string, variables?: Variables, actor?: string): Promise<Result> => {
    const request = this.#read(source, variables);
    if ("errors" in request) return toPlain(request);
    return toPlain(await execute({ ...request, contextValue: this.context(actor ?? null) }));
  };

  data = async (source: string, variables?: Variables): Promise<Data> => {
    const { data, errors } = await this.run(source, variables);
    if (errors) throw new Error(errors.map((error) => error.message).join("\n"));
    return data!;
  };

  watch = async (source: string, variables?: Variables): Promise<Watcher> => {
    const opened = await this.#subscribe(source, variables);
    if (!(Symbol.asyncIterator in opened)) throw new Error(JSON.stringify(opened.errors));
    const watcher = watching(opened);
    onTestFinished(() => watcher.leave());
    return watcher;
  };

  refusedWatch = async (source: string, variables?: Variables): Promise<readonly ErrorShape[]> => {
    const opened = await this.#subscribe(source, variables);
    if (Symbol.asyncIterator in opened) throw new Error("The subscription was opened.");
    return toPlain(opened).errors!;
  };

  async #subscribe(
    source: string,
    variables?: Variables,
  ): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
    const request = this.#read(source, variables);
    if ("errors" in request) return request;
    return (await subscribe({ ...request, contextValue: this.context() })) as
      | AsyncGenerator<ExecutionResult>
      | ExecutionResult;
  }

  #read(source: string, variables: Variables = {}) {
    const document = parse(source);
    const errors = validate(this.schema, document);
    return errors.length > 0 ? { errors } : { schema: this.schema, document, variableValues: variables };
  }
}

function watching(messages: AsyncGenerator<ExecutionResult>): Watcher {
  return {
    next: async () => {
      const { done, value } = await messages.next();
      if (done) throw new Error("The stream has ended.");
      const { data, errors } = toPlain(value as ExecutionResult);
      if (errors) throw new Error(errors.map((error) => error.message).join("\n"));
      return Object.values(data!)[0];
    },
    ended: async () => (await messages.next()).done === true,
    leave: async () => void (await messages.return(undefined)),
  };
}

function toPlain(result: ExecutionResult): Result {
  return JSON.parse(JSON.stringify(result)) as Result;
}
