import type { Json } from "../../lib/json/json.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { Priority } from "../definition/priority.ts";

/** The task to route, before it exists. Its input fits its schema. */
export interface RoutedTask {
  /** Name of its definition. */
  readonly name: string;
  /** Input as the caller sent it. */
  readonly args: Json;
  /** Options of the call. */
  readonly options: EnqueueOptions;
  /** Tags of the definition and the call. */
  readonly tags: readonly string[];
}

/** The target of a route. Missing parts have their defaults. */
export interface Route {
  readonly queue?: string;
  readonly priority?: Priority;
}

/**
 * Routes a task at run time: returns the name of a queue, a queue and a priority, or nothing to
 * leave it to the next route.
 */
export type RouteFunction = (task: RoutedTask) => string | Route | null | undefined;

export interface RouteRule {
  /**
   * Selects tasks: a name in which `*` matches any characters and `?` matches one, a regular
   * expression that is searched in the name, or a function.
   * @default all tasks
   */
  readonly match?: string | RegExp | ((task: RoutedTask) => boolean);
  /**
   * Queue, or a function that returns it for each task.
   * @default that of the definition, else the default
   */
  readonly queue?: string | ((task: RoutedTask) => string);
  /** Priority within the queue. @default that of the definition, else the default */
  readonly priority?: Priority;
}

/**
 * Routes. The first that matches decides for tasks whose call and definition do not name a queue.
 */
export type Routes = RouteFunction | readonly (RouteRule | RouteFunction)[];

/** What happens to a task for an unknown queue. */
export const QUEUE_POLICIES = ["create", "refuse"] as const;
export type QueuePolicy = (typeof QUEUE_POLICIES)[number];

/** Queue of a task if nothing else decides. */
export const DEFAULT_QUEUE = "default";
export const DEFAULT_PRIORITY: Priority = "NORMAL";
