import { afterAll, inject } from "vitest";
import { leaksOf, refuseLeaks, resourcesNow } from "../leaks.ts";
import { databaseLeaks, redisLeaks } from "../servers/global-servers.ts";

// Setup of the tests that have servers: as leak-check.ts, and what a session does says more than
// its socket. A leak fails its file, unless LEAKS=warn.
const before = resourcesNow();
afterAll(async () => {
  const servers = [() => databaseLeaks(inject("postgresUrl")), () => redisLeaks(inject("redisUrl"))];
  // One after the other: those looks have connections of their own.
  const refuse = () => refuseLeaks(servers).then(() => refuseLeaks([() => leaksOf(before)]));
  await refuse().catch((error: Error) => {
    if (process.env.LEAKS === "fail") throw error;
    console.warn(error.message);
  });
});
