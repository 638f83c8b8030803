import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startChild } from "../child.ts";
import { ensureProgram, pathFolders } from "./debian.ts";
import { freePort } from "./free-port.ts";
import { reachableParent, unprivilegedUser } from "./postgres-server.ts";
import { tempDir } from "../temp-dir.ts";

const START_MS = 20_000;

export interface PgBouncer extends AsyncDisposable {
  /** The same database by way of the pooler. */
  readonly url: string;
}

/**
 * Starts a PgBouncer in transaction mode before the server of a URL, with the settings that Debian
 * ships (so that it refuses startup parameters that it does not know), for the role of that URL.
 */
export async function startPgBouncer(
  databaseUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PgBouncer> {
  const program = await ensureProgram("pgbouncer", "pgbouncer", async () => [...pathFolders(), "/usr/sbin"]);
  const user = await unprivilegedUser();
  const url = new URL(databaseUrl);
  await using scope = new AsyncDisposableStack();
  const folder = scope.use(await tempDir("lovage-pgbouncer-", await reachableParent(user)));
  const port = await freePort();
  const lines = Object.entries({
    listen_addr: "127.0.0.1",
    listen_port: String(port),
    unix_socket_dir: "",
    auth_type: "trust",
    auth_file: join(folder.path, "users"),
    pool_mode: "transaction",
    default_pool_size: "5",
    ...settings,
  }).map(([key, value]) => `${key} = ${value}`);
  const config = join(folder.path, "pgbouncer.ini");
  await writeFile(
    config,
    `[databases]\n* = host=127.0.0.1 port=${url.port}\n[pgbouncer]\n${lines.join("\n")}\n`,
  );
  await writeFile(join(folder.path, "users"), `"${url.username}" ""\n`);
  if (user)
    for (const path of [folder.path, config, join(folder.path, "users")])
      await chown(path, user.uid, user.gid);
  const child = scope.use(
    await startChild(program, [config], { name: "pgbouncer", cwd: folder.path, ...(user && { user }) }),
  );
  await child.waitForLine(/process up/, START_MS);
  const held = scope.move();
  url.port = String(port);
  return { url: url.href, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
