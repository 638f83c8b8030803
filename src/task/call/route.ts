import type { Json } from "../../lib/json.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { Priority } from "../definition/priority.ts";

/** A task to be, as routes see it. Its input fits its schema. */
export interface RoutedTask {
  /** Name of its definition. */
  readonly name: string;
  /** As the caller sent it. */
  readonly args: Json;
  /** What the caller said about it. */
  readonly options: EnqueueOptions;
  /** Those of its definition and of the caller. */
  readonly tags: readonly string[];
}

/** Where a route leads; what it does not say, the default says. */
export interface Route {
  readonly queue?: string;
  readonly priority?: Priority;
}

/** Chooses at run time: the name of a queue, a queue and a priority, or nothing, which leaves it to the routes after it. */
export type RouteFunction = (task: RoutedTask) => string | Route | null | undefined;

export interface RouteRule {
  /**
   * Which tasks: a task name in which `*` stands for any characters and `?` for one; a regular expression that is looked for in the name;
   * or a function. @default all tasks
   */
  readonly match?: string | RegExp | ((task: RoutedTask) => boolean);
  /** Where they wait. A function is asked for each task. @default not said: the definition or the default says */
  readonly queue?: string | ((task: RoutedTask) => string);
  /** Their place within the queue. @default not said */
  readonly priority?: Priority;
}

/** The first that matches decides, about tasks whose call and definition do not. */
export type Routes = RouteFunction | readonly (RouteRule | RouteFunction)[];

/** What becomes of a task for a queue that nobody named before. */
export const QUEUE_POLICIES = ["create", "refuse"] as const;
export type QueuePolicy = (typeof QUEUE_POLICIES)[number];

/** Where a task waits when nobody says anything. */
export const DEFAULT_QUEUE = "default";
export const DEFAULT_PRIORITY: Priority = "NORMAL";
