import { Lovage0001 } from "./0001-lovage.ts";

/** In order. The name of a released migration never changes. */
export const MIGRATIONS = [{ name: "0001-lovage", class: Lovage0001 }];
