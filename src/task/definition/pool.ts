/** Where attempts may run. */
export const POOLS = ["async", "threads", "processes"] as const;
export type Pool = (typeof POOLS)[number];
/** Those that keep an attempt apart from the thread of its worker. */
export type IsolatedPool = Exclude<Pool, "async">;
