/** Where the attempts of a definition may run. */
export const POOLS = ["async", "processes"] as const;
export type Pool = (typeof POOLS)[number];
