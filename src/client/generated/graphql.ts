/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What a caller may say about one task. What is not said comes from the task definition. */
export type EnqueueOptions = {
  /** Not before so much time has passed; up to 10 years. */
  readonly delay?: string | number | null | undefined;
  /** Give up if not started by then. */
  readonly expiresIn?: string | number | null | undefined;
  /** Same key and input: the same task, for good. */
  readonly idempotencyKey?: string | null | undefined;
  /** Attempts in all, 1 to 1000. */
  readonly maxAttempts?: number | null | undefined;
  /** Anything to keep with it; the task itself does not see it. */
  readonly meta?: { readonly [key: string]: unknown } | null | undefined;
  /** Its place within the queue. */
  readonly priority?: Priority | null | undefined;
  /** Where it waits. */
  readonly queue?: string | null | undefined;
  /** Not before this time. Not together with `delay`. */
  readonly runAt?: string | null | undefined;
  /** Labels to find it by; added to those of the definition. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** Longest run of one attempt. */
  readonly timeLimit?: string | number | null | undefined;
  /** One unfinished task per key; a second enqueue returns the first. */
  readonly uniqueKey?: string | null | undefined;
};

/** A task to be. */
export type EnqueueTaskInput = {
  /** Its input. Defaults to {}. */
  readonly args?: unknown;
  /** Name of the task definition. */
  readonly name: string;
  /** What to say about it. */
  readonly options?: EnqueueOptions | null | undefined;
};

/** Why a request was refused. Codes are stable. */
export type ErrorCode =
  /** The name is taken. */
  | 'ALREADY_EXISTS'
  /** The idempotency key was used with other input, or someone else was faster. */
  | 'CONFLICT'
  /** You may not do this. */
  | 'FORBIDDEN'
  /** Not possible in the present state. */
  | 'ILLEGAL_STATE'
  /** A value breaks a rule; the message names it. */
  | 'INVALID_INPUT'
  /** What the request is about does not exist. */
  | 'NOT_FOUND'
  /** No task definition has this name. */
  | 'NOT_REGISTERED'
  /** No worker answered in time. */
  | 'NO_WORKER_REPLIED'
  /** The queue takes no more tasks now. */
  | 'QUEUE_FULL'
  /** Too many requests; wait and try again. */
  | 'RATE_LIMITED'
  /** This installation cannot do it. */
  | 'UNSUPPORTED';

/** Higher priorities are delivered first, and no priority waits for ever. */
export type Priority =
  /** Before everything else. */
  | 'CRITICAL'
  /** Before NORMAL and LOW. */
  | 'HIGH'
  /** After everything else. */
  | 'LOW'
  /** What tasks have unless someone says otherwise. */
  | 'NORMAL';

/** What happened to a task. */
export type TaskEventType =
  /** It was accepted and stored. */
  | 'ENQUEUED'
  /** It was not started in time. */
  | 'EXPIRED'
  /** It failed for good. */
  | 'FAILED'
  /** Its worker left or died; it is queued again. */
  | 'GIVEN_BACK'
  /** It told how far it is. */
  | 'PROGRESS'
  /** It became ready for a worker. */
  | 'QUEUED'
  /** An attempt failed, another will follow. */
  | 'RETRYING'
  /** It was cancelled. */
  | 'REVOKED'
  /** A worker began an attempt. */
  | 'STARTED'
  /** It is done. */
  | 'SUCCEEDED';

/** Where a task stands. SUCCESS, FAILURE, REVOKED and EXPIRED are final. */
export type TaskState =
  /** Not started before `expiresAt`. */
  | 'EXPIRED'
  /** Attempts used up, a fatal error, or its worker died too often. */
  | 'FAILURE'
  /** Waits for other tasks of its flow. */
  | 'PENDING'
  /** Waits for a worker. */
  | 'QUEUED'
  /** Failed or given back; queued again at `runAt`. */
  | 'RETRY'
  /** Cancelled. */
  | 'REVOKED'
  /** Will be queued at `runAt`. */
  | 'SCHEDULED'
  /** A worker runs it. */
  | 'STARTED'
  /** Done; `result` holds what it gave back. */
  | 'SUCCESS';

/** What a worker is doing, as far as is known. */
export type WorkerStatus =
  /** Finishes what it runs and then leaves. */
  | 'DRAINING'
  /** Silent for too long; its tasks were taken back. */
  | 'LOST'
  /** Said goodbye. */
  | 'OFFLINE'
  /** Takes tasks. */
  | 'ONLINE'
  /** Alive, takes no tasks. */
  | 'PAUSED';

export type ListDefinitionsQueryVariables = Exact<{ [key: string]: never; }>;


export type ListDefinitionsQuery = { readonly taskDefinitions: ReadonlyArray<{ readonly name: string, readonly description: string | null, readonly queue: string, readonly priority: Priority, readonly mutationField: string | null, readonly deprecationReason: string | null, readonly timeLimit: string | null, readonly retry: { readonly maxAttempts: number } }> };

export type ReadDefinitionQueryVariables = Exact<{
  name: string;
}>;


export type ReadDefinitionQuery = { readonly taskDefinition: { readonly name: string, readonly inputSchema: { readonly [key: string]: unknown } | null } | null };

export type ListNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListNamesQuery = { readonly taskDefinitions: ReadonlyArray<{ readonly name: string }> };

export type TaskFieldsFragment = { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null };

export type ReadTaskQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadTaskQuery = { readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } | null };

export type EnqueueTaskMutationVariables = Exact<{
  input: EnqueueTaskInput;
}>;


export type EnqueueTaskMutation = { readonly enqueueTask: { readonly deduplicated: boolean, readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type WatchTaskSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchTaskSubscription = { readonly task:
    | { readonly __typename: 'StreamHeartbeat' }
    | { readonly __typename: 'StreamLag' }
    | { readonly __typename: 'StreamReset', readonly reason: string }
    | { readonly __typename: 'TaskUpdate', readonly type: TaskEventType, readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } }
   };

export type ListWorkersQueryVariables = Exact<{ [key: string]: never; }>;


export type ListWorkersQuery = { readonly workers: ReadonlyArray<{ readonly id: string, readonly name: string, readonly hostname: string, readonly pid: number, readonly version: string, readonly status: WorkerStatus, readonly startedAt: string, readonly lastHeartbeatAt: string, readonly queues: ReadonlyArray<string>, readonly processed: string | number, readonly failed: string | number, readonly pool: { readonly concurrency: number, readonly busy: number } }> };

export type ListQueuesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListQueuesQuery = { readonly queues: ReadonlyArray<{ readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const TaskFieldsFragmentDoc = new TypedDocumentString(`
    fragment TaskFields on Task {
  id
  name
  state
  queue
  priority
  attempt
  maxAttempts
  args
  result
  error {
    type
    message
    retryable
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  startedAt
  finishedAt
  runTime
  waitTime
}
    `, {"fragmentName":"TaskFields"}) as unknown as TypedDocumentString<TaskFieldsFragment, unknown>;
export const ListDefinitionsDocument = new TypedDocumentString(`
    query ListDefinitions {
  taskDefinitions {
    name
    description
    queue
    priority
    mutationField
    deprecationReason
    timeLimit
    retry {
      maxAttempts
    }
  }
}
    `) as unknown as TypedDocumentString<ListDefinitionsQuery, ListDefinitionsQueryVariables>;
export const ReadDefinitionDocument = new TypedDocumentString(`
    query ReadDefinition($name: String!) {
  taskDefinition(name: $name) {
    name
    inputSchema
  }
}
    `) as unknown as TypedDocumentString<ReadDefinitionQuery, ReadDefinitionQueryVariables>;
export const ListNamesDocument = new TypedDocumentString(`
    query ListNames {
  taskDefinitions {
    name
  }
}
    `) as unknown as TypedDocumentString<ListNamesQuery, ListNamesQueryVariables>;
export const ReadTaskDocument = new TypedDocumentString(`
    query ReadTask($id: ID!) {
  task(id: $id) {
    ...TaskFields
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue
  priority
  attempt
  maxAttempts
  args
  result
  error {
    type
    message
    retryable
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<ReadTaskQuery, ReadTaskQueryVariables>;
export const EnqueueTaskDocument = new TypedDocumentString(`
    mutation EnqueueTask($input: EnqueueTaskInput!) {
  enqueueTask(input: $input) {
    task {
      ...TaskFields
    }
    deduplicated
    errors {
      code
      message
      path
      hint
    }
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue
  priority
  attempt
  maxAttempts
  args
  result
  error {
    type
    message
    retryable
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<EnqueueTaskMutation, EnqueueTaskMutationVariables>;
export const WatchTaskDocument = new TypedDocumentString(`
    subscription WatchTask($id: ID!) {
  task(id: $id) {
    __typename
    ... on TaskUpdate {
      type
      task {
        ...TaskFields
      }
    }
    ... on StreamReset {
      reason
    }
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue
  priority
  attempt
  maxAttempts
  args
  result
  error {
    type
    message
    retryable
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<WatchTaskSubscription, WatchTaskSubscriptionVariables>;
export const ListWorkersDocument = new TypedDocumentString(`
    query ListWorkers {
  workers {
    id
    name
    hostname
    pid
    version
    status
    startedAt
    lastHeartbeatAt
    queues
    pool {
      concurrency
      busy
    }
    processed
    failed
  }
}
    `) as unknown as TypedDocumentString<ListWorkersQuery, ListWorkersQueryVariables>;
export const ListQueuesDocument = new TypedDocumentString(`
    query ListQueues {
  queues {
    name
    paused
    waiting
    scheduled
    active
    latency
  }
}
    `) as unknown as TypedDocumentString<ListQueuesQuery, ListQueuesQueryVariables>;