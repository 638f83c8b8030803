import { Tasks0001 } from "./0001-tasks.ts";

/** In order. A name, once released, never changes. */
export const MIGRATIONS = [{ name: "0001-tasks", class: Tasks0001 }];
