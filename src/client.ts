/** The client of a server, for browsers and for Node: `lovage/client`. */
export { createClient } from "./client/create-client.ts";
export type { EnqueueItem, LovageClient } from "./client/create-client.ts";
export type { Document, TypedDocument } from "./client/document.ts";
export type { GraphqlClientOptions, TokenSource, WebSocketClass } from "./client/client-options.ts";
export type { RequestOptions } from "./client/graphql-client.ts";
export type {
  RemoteLogLine,
  RemoteLogsOptions,
  RemoteTask,
  RemoteTaskEvent,
  TaskData,
} from "./client/remote-task.ts";
export { ClientError } from "./client/answer.ts";
export type { ClientErrorCode } from "./client/answer.ts";
export { RefusedError, ResultGoneError, TaskFailedError, WaitTimeoutError } from "./errors.ts";
export type { Issue, RefusalCode } from "./errors.ts";
