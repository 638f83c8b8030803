import type { EnqueueOptions } from "../task/call/enqueue-options.ts";
import type { AnyTaskDefinition, TaskDefinition } from "../task/definition/definition.ts";
import { declaredError, type DeclaredErrorOf } from "../task/definition/declared-failure.ts";
import { unexpectedAnswer } from "./answer.ts";
import { checkClientOptions, type GraphqlClientOptions } from "./client-options.ts";
import type { Document } from "./document.ts";
import { explainOptions, toRequests } from "./enqueue-request.ts";
import { ClientEnqueueDocument, ClientEnqueueOneDocument } from "./generated/graphql.ts";
import { GraphqlClient, type RequestOptions } from "./graphql-client.ts";
import { acceptPayload } from "./refusal.ts";
import { type RemoteTask, remoteTask } from "./remote-task.ts";

/** The definitions among the exports of modules. */
type DefinitionIn<Tasks> = Extract<Tasks[keyof Tasks], AnyTaskDefinition>;
/** A definition, or its name. */
type TaskReference<Tasks> = DefinitionIn<Tasks>["name"] | AnyTaskDefinition;
type DefinitionOf<Tasks, Task> = Task extends AnyTaskDefinition
  ? Task
  : Extract<DefinitionIn<Tasks>, { readonly name: Task }>;
type InputOf<Tasks, Task> =
  DefinitionOf<Tasks, Task> extends TaskDefinition<infer Input, infer _Output> ? Input : unknown;
type OutputOf<Tasks, Task> =
  DefinitionOf<Tasks, Task> extends TaskDefinition<infer _Input, infer Output> ? Output : unknown;

type ErrorsOf<Tasks, Task> =
  DefinitionOf<Tasks, Task> extends TaskDefinition<infer _Input, infer _Output, string, infer Errors>
    ? Errors
    : unknown;

/** One task of `enqueueMany`. */
export interface EnqueueItem<Input> {
  readonly input: Input;
  readonly options?: EnqueueOptions;
}

/**
 * A client of a Lovage server, for browsers and for Node. `Tasks` is the type of a module with task
 * definitions; the module itself is not needed.
 */
export interface LovageClient<Tasks> extends AsyncDisposable {
  /**
   * Enqueues one task. When it resolves, the task is committed.
   *
   * @param task the name of a definition, or the definition
   * @throws RefusedError if the server refuses the input or the options; nothing was enqueued
   * @throws ClientError if the server is unreachable, times out, or refuses the request. The task
   *   may exist: enqueue it again with the same `idempotencyKey`, which never creates a second task
   */
  enqueue<Task extends TaskReference<Tasks>>(
    task: Task,
    input: InputOf<Tasks, Task>,
    options?: EnqueueOptions,
  ): Promise<RemoteTask<OutputOf<Tasks, Task>>>;
  /**
   * Enqueues many tasks of one definition, all or none. Throws what `enqueue` throws; paths begin
   * with `input`, `tasks` and the index.
   */
  enqueueMany<Task extends TaskReference<Tasks>>(
    task: Task,
    items: readonly EnqueueItem<InputOf<Tasks, Task>>[],
  ): Promise<RemoteTask<OutputOf<Tasks, Task>>[]>;
  /**
   * Returns the declared error with which a task of a definition failed; null for any other error.
   *
   * @param task the name of a definition, or the definition
   * @param error what `result()` threw
   */
  declaredError<Task extends TaskReference<Tasks>>(
    task: Task,
    error: unknown,
  ): DeclaredErrorOf<ErrorsOf<Tasks, Task>> | null;
  /** Returns the handle of a task by its id. Sends nothing. */
  task<Output = unknown>(id: string): RemoteTask<Output>;
  /**
   * Executes any query: a typed document of a code generator, or text.
   * @throws ClientError if the server is unreachable or the response has errors
   */
  query<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result>;
  /**
   * Executes any mutation. A timeout leaves open whether it was executed.
   *
   * @throws ClientError
   */
  mutate<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result>;
  /**
   * Subscribes. After a lost connection it subscribes again: if the document has the variable
   * `$after` and selects `cursor`, without gaps or duplicates.
   * @throws ClientError
   */
  subscribe<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): AsyncGenerator<Result, void, undefined>;
}

/**
 * Makes a client of a server. It connects at its first request. Dispose of it at the end, if it has
 * subscribed (`await using`). Every later call throws ClientError (CONNECTION_CLOSED).
 *
 * @throws TypeError for an invalid option
 * @example
 *   import type * as tasks from "./mail.tasks.ts";
 *   const client = createClient<typeof tasks>({ url: "https://jobs.example.com", token });
 *   const task = await client.enqueue("mail.send", { to: "ada@example.com" });
 *   const { messageId } = await task.result();
 */
export function createClient<Tasks = Readonly<Record<string, AnyTaskDefinition>>>(
  options: GraphqlClientOptions,
): LovageClient<Tasks> {
  checkClientOptions(options);
  const client = new GraphqlClient(options);
  return {
    enqueue: async (task, input, options) => {
      const items = [{ path: ["input"], input, options }];
      const [request] = toRequests(nameOf(task), items);
      const sent = client.mutate(ClientEnqueueOneDocument, { input: request! });
      const { enqueueTask } = await explainOptions(items, sent);
      const { task: enqueued, deduplicated } = acceptPayload(enqueueTask);
      if (!enqueued) throw unexpectedAnswer();
      return remoteTask(client, enqueued.id, deduplicated);
    },
    enqueueMany: async (task, many) => {
      const items = many.map(({ input, options }, index) => ({
        path: ["input", "tasks", String(index)],
        ...{ input, options },
      }));
      const sent = client.mutate(ClientEnqueueDocument, { inputs: toRequests(nameOf(task), items) });
      const { enqueueTasks } = await explainOptions(items, sent);
      return acceptPayload(enqueueTasks).ids.map((id) => remoteTask(client, id, false));
    },
    declaredError: (task, error) => declaredError({ name: nameOf(task) }, error) as null,
    task: (id) => remoteTask(client, id, false),
    query: (document, variables, options) => client.query(document, variables, options),
    mutate: (document, variables, options) => client.mutate(document, variables, options),
    subscribe: (document, variables, options) => client.subscribe(document, variables, options),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function nameOf(task: string | AnyTaskDefinition): string {
  return typeof task === "string" ? task : task.name;
}
