import { afterAll, inject } from "vitest";
import { leaksOf, refuseLeaks, resourcesNow } from "../leaks.ts";
import { databaseLeaks, redisLeaks } from "../servers/global-servers.ts";

// Setup of the tests that have servers: as leak-check.ts, and the line of a session shows more
// than its socket. A leak fails its file, unless LEAKS=warn.
const before = resourcesNow();
const servers = [() => databaseLeaks(inject("postgresUrl")), () => redisLeaks(inject("redisUrl"))];
// Files share a process: what an earlier one left behind was its failure.
const earlier = new Set((await Promise.all(servers.map((look) => look()))).flat());
const looks = servers.map((look) => async () => (await look()).filter((line) => !earlier.has(line)));
afterAll(async () => {
  // One after the other: those looks have connections of their own.
  const refuse = () => refuseLeaks(looks).then(() => refuseLeaks([() => leaksOf(before)]));
  await refuse().catch((error: Error) => {
    if (process.env.LEAKS === "fail") throw error;
    console.warn(error.message);
  });
});
