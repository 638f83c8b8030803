import { readFile, writeFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { runSql } from "../../support/servers/postgres-server.ts";
import { report } from "../support/load.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "../support/verdict.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

/** Tasks that run at once: each of them ends while no login is accepted. */
const WIDTH = 50;
const TASK_MS = 900;
/**
 * The role of all processes of Lovage. A superuser, so that the trigger of the checker needs no
 * rights.
 */
const ROLE = "app";
const PASSWORD = "first";

/** Makes PostgreSQL refuse the logins of Lovage; `end` makes it accept them again. */
interface Refusal {
  readonly begin: (admin: Admin) => Promise<unknown>;
  readonly end: (admin: Admin) => Promise<unknown>;
}
interface Admin {
  readonly sql: (text: string) => Promise<unknown>;
  /** Puts lines before the others in `pg_hba.conf`, or takes them away again, and has it read. */
  readonly hba: (lines: string) => Promise<void>;
}

const NO_LOGIN: Refusal = {
  begin: ({ sql }) => sql(`alter role ${ROLE} nologin`),
  end: ({ sql }) => sql(`alter role ${ROLE} login`),
};
const REJECTED: Refusal = {
  begin: ({ hba }) => hba(`host all ${ROLE} 127.0.0.1/32 reject`),
  end: ({ hba }) => hba(""),
};
/**
 * The password was changed at the server first; a second change brings back the one that the
 * processes have.
 */
const ROTATED: Refusal = {
  begin: async ({ sql, hba }) => {
    await sql(`alter role ${ROLE} password 'second'`);
    await hba(`host all ${ROLE} 127.0.0.1/32 scram-sha-256`);
  },
  end: ({ sql }) => sql(`alter role ${ROLE} password '${PASSWORD}'`),
};
const LIMITED: Refusal = {
  begin: ({ sql }) => sql(`alter role ${ROLE} nosuperuser connection limit 0`),
  end: ({ sql }) => sql(`alter role ${ROLE} superuser connection limit -1`),
};

test.each([
  { what: "the role may not log in, six times", refusals: Array.from({ length: 6 }, () => NO_LOGIN) },
  {
    what: "pg_hba.conf, a rotated password, a limit of connections",
    refusals: [REJECTED, ROTATED, LIMITED],
  },
])(
  "outcomes of tasks that end while logins are refused are recorded unchanged: $what",
  { timeout: 240_000 },
  async ({ what, refusals }) => {
    await using cluster = await startCluster({
      postgres: true,
      databaseUrl: asRole,
      env: { LOVAGE_WORKER_LOST_AFTER: "30s" },
    });
    await cluster.server();
    await cluster.worker({ concurrency: WIDTH });
    const admin = await administrate(cluster);
    const client = cluster.client();
    const late = cluster.client();
    for (const { begin, end } of refusals) {
      await client.enqueue(WIDTH, { args: { ms: TASK_MS } });
      await vi.waitFor(async () => expect(await started(cluster)).toBe(WIDTH), {
        timeout: 10_000,
        interval: 20,
      });
      await begin(admin);
      // The server reads its files when it comes to it.
      await vi.waitFor(() => expect(runSql(withRole(cluster.postgres!.url), "select 1")).rejects.toThrow());
      await endSessions(cluster);
      // Callers meanwhile: theirs wait until they get a yes.
      const [before, ends] = [late.refusals.length, client.accepted.size + late.accepted.size];
      const enqueuing = late.enqueue(1);
      await vi.waitFor(
        async () => {
          expect((await cluster.history.ends()).length).toBe(ends);
          expect(late.refusals.length).toBeGreaterThan(before);
        },
        { timeout: 30_000, interval: 20 },
      );
      await end(admin);
      await enqueuing;
      await cluster.checker.allFinal(client.accepted);
    }
    const over = Date.now();
    for (const id of late.accepted) client.accepted.add(id);
    const tasks = refusals.length * (WIDTH + 1);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    onlyToTryAgain(late);
    report({
      test: "pg-logins-refused",
      fault: `logins refused until all tasks have ended, sessions ended: ${what}`,
      ...{ tasks, lost: 0, doubled, resumedMs: null },
      note: `all outcomes as they were; ${late.refusals.length} callers were told to try again; checked in ${Date.now() - over} ms`,
    });
  },
);

async function asRole(direct: string): Promise<string> {
  await runSql(direct, `create role ${ROLE} superuser login password '${PASSWORD}'`);
  return withRole(direct);
}

function withRole(direct: string): string {
  const url = new URL(direct);
  url.username = ROLE;
  url.password = PASSWORD;
  return url.href;
}

async function administrate({ checker }: Cluster): Promise<Admin> {
  const sql = (text: string): Promise<unknown> => checker.query(text);
  const [{ file }] = (await checker.query("select current_setting('hba_file') as file")) as [
    { file: string },
  ];
  const lines = await readFile(file, "utf8");
  const hba = async (more: string): Promise<void> => {
    await writeFile(file, `${more}\n${lines}`);
    await sql("select pg_reload_conf()");
  };
  return { sql, hba };
}

async function started({ checker }: Cluster): Promise<number> {
  const rows = await checker.query("select 1 from lovage.task where state = 'STARTED'");
  return rows.length;
}

async function endSessions({ checker }: Cluster): Promise<void> {
  await checker.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${ROLE}'`);
}
