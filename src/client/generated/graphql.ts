/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Options of one call. Options that are not given come from the task definition. */
export type EnqueueOptions = {
  /** The task starts this long after the latest call with the same unique key, with the input of that call. */
  readonly debounce?: string | number | null | undefined;
  /** Time to wait before the task may start: up to 10 years. */
  readonly delay?: string | number | null | undefined;
  /** The task expires if it has not started after this duration. */
  readonly expiresIn?: string | number | null | undefined;
  /** Key that makes repeated calls safe: a call with the same key and input always returns the same task. */
  readonly idempotencyKey?: string | null | undefined;
  /** Whether the output is checked but not stored. */
  readonly ignoreResult?: boolean | null | undefined;
  /** Maximum number of attempts, 1 to 1000. */
  readonly maxAttempts?: number | null | undefined;
  /** With `debounce`: the task starts at the latest this long after the first of these calls. */
  readonly maxWait?: string | number | null | undefined;
  /** Any JSON object to store with the task. The task's code does not receive it. */
  readonly meta?: { readonly [key: string]: unknown } | null | undefined;
  /** Handling of this call if an unfinished task has the same unique key. */
  readonly onConflict?: UniqueConflict | null | undefined;
  /** The task's priority within its queue. */
  readonly priority?: Priority | null | undefined;
  /** The queue in which the task waits. */
  readonly queue?: string | null | undefined;
  /** Retention of the task after it has ended. Defaults to the definition's, else to the app's. */
  readonly resultsExpire?: ResultsExpireInput | null | undefined;
  /** Earliest start time. Cannot be combined with `delay`. */
  readonly runAt?: string | null | undefined;
  /** Duration after which an attempt is asked to stop. Must be shorter than `timeLimit`. */
  readonly softTimeLimit?: string | number | null | undefined;
  /** Labels by which the task can be found. They are added to the definition's tags. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** Maximum duration of an attempt. An attempt that exceeds it is ended. */
  readonly timeLimit?: string | number | null | undefined;
  /** Key that only one unfinished task may have. `onConflict` decides how a second call is handled. */
  readonly uniqueKey?: string | null | undefined;
  /** Name of the only worker that may run the task, such as `worker@host`. The task waits while no such worker is live. Cannot be combined with `queue`. */
  readonly worker?: string | null | undefined;
};

/** A task to enqueue. */
export type EnqueueTaskInput = {
  /** The task's input. Defaults to {}. */
  readonly args?: unknown;
  /** Name of the task definition. */
  readonly name: string;
  /** Options of the call. */
  readonly options?: EnqueueOptions | null | undefined;
};

/** The kind of an error that a caller can act on. Codes are stable. */
export type ErrorCode =
  /** The name is taken. */
  | 'ALREADY_EXISTS'
  /** A key is held or was used with another input, or the object was changed since it was read. */
  | 'CONFLICT'
  /** The app refused the call: the caller is not allowed to do this. */
  | 'FORBIDDEN'
  /** The action is not possible in the current state. */
  | 'ILLEGAL_STATE'
  /** A value breaks a rule. The message names the rule. */
  | 'INVALID_INPUT'
  /** The object of the request does not exist. */
  | 'NOT_FOUND'
  /** No task definition has this name. */
  | 'NOT_REGISTERED'
  /** No live worker can carry out the request. */
  | 'NO_WORKER_REPLIED'
  /** The app refused the call: the queue accepts no more tasks now. */
  | 'QUEUE_FULL'
  /** The app refused the call: there were too many. Wait and try again. */
  | 'RATE_LIMITED'
  /** This installation does not support the action. */
  | 'UNSUPPORTED';

/** The level of a log line, from least to most important: TRACE, DEBUG, INFO, WARN, ERROR, FATAL. */
export type LogLevel =
  /** Details that help to find a mistake. */
  | 'DEBUG'
  /** Something failed. */
  | 'ERROR'
  /** The task cannot continue. */
  | 'FATAL'
  /** Normal operation. */
  | 'INFO'
  /** Every step, for a close look. */
  | 'TRACE'
  /** Something is odd, and the task continues. */
  | 'WARN';

/** The priority of a task within its queue. Higher priorities are delivered first, and no priority waits forever. */
export type Priority =
  /** Delivered before all others. */
  | 'CRITICAL'
  /** Delivered before NORMAL and LOW. */
  | 'HIGH'
  /** Delivered after all others. */
  | 'LOW'
  /** The default priority. */
  | 'NORMAL';

/** Retention of a task after it has ended, by final state. */
export type ResultsExpireInput = {
  /** Retention after any end that is not named separately. */
  readonly all?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly expired?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly failure?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly revoked?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly success?: string | number | null | undefined;
};

/** The kind of a task's event. */
export type TaskEventType =
  /** The task sent an event with `ctx.emit`: see `emitted`. */
  | 'EMITTED'
  /** The task was accepted and stored. */
  | 'ENQUEUED'
  /** The task was not started in time. */
  | 'EXPIRED'
  /** The task failed for good. */
  | 'FAILED'
  /** The task's worker left or died, and the task was queued again. */
  | 'GIVEN_BACK'
  /** The task reported its progress. */
  | 'PROGRESS'
  /** The task became ready for a worker. */
  | 'QUEUED'
  /** An attempt failed, or the task snoozed. The task will run again at `runAt`. */
  | 'RETRYING'
  /** The task was cancelled. */
  | 'REVOKED'
  /** A worker started an attempt. */
  | 'STARTED'
  /** The task succeeded. */
  | 'SUCCEEDED';

/** The state of a task. SUCCESS, FAILURE, REVOKED and EXPIRED are final. */
export type TaskState =
  /** The task was not started before `expiresAt`. */
  | 'EXPIRED'
  /** The task failed for good: its attempts are used up, its error is fatal, or its worker died too often. */
  | 'FAILURE'
  /** The task waits until earlier tasks of its schedule have ended. */
  | 'PENDING'
  /** The task waits for a worker. */
  | 'QUEUED'
  /** An attempt failed, or the task snoozed. The task will be queued again at `runAt`. */
  | 'RETRY'
  /** The task was cancelled. */
  | 'REVOKED'
  /** The task will be queued at `runAt`. */
  | 'SCHEDULED'
  /** A worker runs the task. */
  | 'STARTED'
  /** The task succeeded. `result` holds its output. */
  | 'SUCCESS';

/** Handling of a call whose unique key belongs to an unfinished task. */
export type UniqueConflict =
  /** The call is refused as a CONFLICT that names the unfinished task. */
  | 'REJECT'
  /** A waiting task takes the input and options of the call. A running task hands its key over to a new task. */
  | 'REPLACE'
  /** The call returns the unfinished task unchanged. */
  | 'RETURN';

export type ClientTaskFragment = { readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly createdAt: string, readonly runAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly queue: string, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null, readonly updatedAt: string } | null, readonly error: { readonly type: string, readonly message: string, readonly stack: string | null } | null };

export type ClientEnqueueMutationVariables = Exact<{
  inputs: ReadonlyArray<EnqueueTaskInput> | EnqueueTaskInput;
}>;


export type ClientEnqueueMutation = { readonly enqueueTasks: { readonly ids: ReadonlyArray<string>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ClientEnqueueOneMutationVariables = Exact<{
  input: EnqueueTaskInput;
}>;


export type ClientEnqueueOneMutation = { readonly enqueueTask: { readonly deduplicated: boolean, readonly task: { readonly id: string } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ClientReadTaskQueryVariables = Exact<{
  id: string | number;
}>;


export type ClientReadTaskQuery = { readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly createdAt: string, readonly runAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly queue: string, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null, readonly updatedAt: string } | null, readonly error: { readonly type: string, readonly message: string, readonly stack: string | null } | null } | null };

export type ClientAwaitResultSubscriptionVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type ClientAwaitResultSubscription = { readonly task:
    | { readonly __typename: 'StreamHeartbeat', readonly cursor: string }
    | { readonly __typename: 'StreamLag', readonly cursor: string }
    | { readonly __typename: 'StreamReset', readonly cursor: string }
    | { readonly __typename: 'TaskUpdate', readonly cursor: string, readonly task: { readonly name: string, readonly state: TaskState, readonly result: unknown, readonly resultGone: boolean, readonly error: { readonly type: string, readonly message: string, readonly stack: string | null, readonly declared: { readonly name: string, readonly data: unknown } | null } | null } }
   };

export type ClientReadLogsQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
  level?: LogLevel | null | undefined;
}>;


export type ClientReadLogsQuery = { readonly task: { readonly logs: { readonly nodes: ReadonlyArray<{ readonly cursor: string, readonly at: string, readonly level: LogLevel, readonly message: string, readonly attempt: number, readonly fields: { readonly [key: string]: unknown } | null }>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } } | null };

export type ClientWatchTaskSubscriptionVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type ClientWatchTaskSubscription = { readonly task:
    | { readonly __typename: 'StreamHeartbeat', readonly cursor: string }
    | { readonly __typename: 'StreamLag', readonly cursor: string }
    | { readonly __typename: 'StreamReset', readonly cursor: string }
    | { readonly __typename: 'TaskUpdate', readonly cursor: string, readonly at: string, readonly type: TaskEventType, readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly createdAt: string, readonly runAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly queue: string, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null, readonly updatedAt: string } | null, readonly error: { readonly type: string, readonly message: string, readonly stack: string | null } | null }, readonly emitted: { readonly type: string, readonly payload: unknown } | null }
   };

export type ClientWatchLogsSubscriptionVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
  level?: LogLevel | null | undefined;
}>;


export type ClientWatchLogsSubscription = { readonly taskLogs:
    | { readonly __typename: 'LogUpdate', readonly cursor: string, readonly lines: ReadonlyArray<{ readonly cursor: string, readonly at: string, readonly level: LogLevel, readonly message: string, readonly attempt: number, readonly fields: { readonly [key: string]: unknown } | null }> }
    | { readonly __typename: 'StreamHeartbeat', readonly cursor: string }
    | { readonly __typename: 'StreamLag', readonly cursor: string }
    | { readonly __typename: 'StreamReset', readonly cursor: string }
   };

export type ClientRevokeMutationVariables = Exact<{
  id: string | number;
  terminate: boolean;
  reason?: string | null | undefined;
}>;


export type ClientRevokeMutation = { readonly revokeTasks: { readonly affectedCount: number, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

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
export const ClientTaskFragmentDoc = new TypedDocumentString(`
    fragment ClientTask on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  createdAt
  runAt
  startedAt
  finishedAt
  revokedBy
  revokeReason
  progress {
    current
    total
    percent
    message
    updatedAt
  }
  error {
    type
    message
    stack
  }
}
    `, {"fragmentName":"ClientTask"}) as unknown as TypedDocumentString<ClientTaskFragment, unknown>;
export const ClientEnqueueDocument = new TypedDocumentString(`
    mutation ClientEnqueue($inputs: [EnqueueTaskInput!]!) {
  enqueueTasks(input: {tasks: $inputs}) {
    ids
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<ClientEnqueueMutation, ClientEnqueueMutationVariables>;
export const ClientEnqueueOneDocument = new TypedDocumentString(`
    mutation ClientEnqueueOne($input: EnqueueTaskInput!) {
  enqueueTask(input: $input) {
    task {
      id
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
    `) as unknown as TypedDocumentString<ClientEnqueueOneMutation, ClientEnqueueOneMutationVariables>;
export const ClientReadTaskDocument = new TypedDocumentString(`
    query ClientReadTask($id: ID!) {
  task(id: $id) {
    ...ClientTask
  }
}
    fragment ClientTask on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  createdAt
  runAt
  startedAt
  finishedAt
  revokedBy
  revokeReason
  progress {
    current
    total
    percent
    message
    updatedAt
  }
  error {
    type
    message
    stack
  }
}`) as unknown as TypedDocumentString<ClientReadTaskQuery, ClientReadTaskQueryVariables>;
export const ClientAwaitResultDocument = new TypedDocumentString(`
    subscription ClientAwaitResult($id: ID!, $after: String) {
  task(id: $id, after: $after) {
    __typename
    ... on StreamMessage {
      cursor
    }
    ... on TaskUpdate {
      task {
        name
        state
        result
        resultGone
        error {
          type
          message
          stack
          declared {
            name
            data
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ClientAwaitResultSubscription, ClientAwaitResultSubscriptionVariables>;
export const ClientReadLogsDocument = new TypedDocumentString(`
    query ClientReadLogs($id: ID!, $after: String, $level: LogLevel) {
  task(id: $id) {
    logs(after: $after, level: $level, first: 1000) {
      nodes {
        cursor
        at
        level
        message
        attempt
        fields
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ClientReadLogsQuery, ClientReadLogsQueryVariables>;
export const ClientWatchTaskDocument = new TypedDocumentString(`
    subscription ClientWatchTask($id: ID!, $after: String) {
  task(id: $id, after: $after) {
    __typename
    ... on StreamMessage {
      cursor
    }
    ... on TaskUpdate {
      at
      type
      task {
        ...ClientTask
      }
      emitted {
        type
        payload
      }
    }
  }
}
    fragment ClientTask on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  createdAt
  runAt
  startedAt
  finishedAt
  revokedBy
  revokeReason
  progress {
    current
    total
    percent
    message
    updatedAt
  }
  error {
    type
    message
    stack
  }
}`) as unknown as TypedDocumentString<ClientWatchTaskSubscription, ClientWatchTaskSubscriptionVariables>;
export const ClientWatchLogsDocument = new TypedDocumentString(`
    subscription ClientWatchLogs($id: ID!, $after: String, $level: LogLevel) {
  taskLogs(id: $id, after: $after, level: $level) {
    __typename
    ... on StreamMessage {
      cursor
    }
    ... on LogUpdate {
      lines {
        cursor
        at
        level
        message
        attempt
        fields
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ClientWatchLogsSubscription, ClientWatchLogsSubscriptionVariables>;
export const ClientRevokeDocument = new TypedDocumentString(`
    mutation ClientRevoke($id: ID!, $terminate: Boolean!, $reason: String) {
  revokeTasks(
    input: {select: {ids: [$id]}, terminate: $terminate, reason: $reason}
  ) {
    affectedCount
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<ClientRevokeMutation, ClientRevokeMutationVariables>;