import { afterAll } from "vitest";
import { leaksOf, refuseLeaks, resourcesNow } from "../leaks.ts";

// Setup of the unit tests. Vitest runs these hooks in reverse: this one, the first that is
// registered, comes last.
const before = resourcesNow();
afterAll(() => refuseLeaks([() => leaksOf(before)]));
