import { hookUserModules } from "../../../loading/hooks.ts";
import type { IsolatedPool } from "../../../task/definition/pool.ts";
import { logFieldsOf } from "../../attempt/task-error.ts";
import type { ChildChannel } from "../parent/child-channel.ts";
import { ChildFiles } from "../parent/child-files.ts";
import { ChildLog } from "../parent/child-log.ts";
import { ChildRuns } from "../parent/child-runs.ts";
import type { ParentMessage } from "../wire/protocol.ts";

/** What a child does, be it a process or a thread: it loads task files, then runs the attempts that its worker sends. */
export function runChild(
  pool: IsolatedPool,
  open: (onMessage: (message: ParentMessage) => void) => ChildChannel,
): void {
  hookUserModules(new URL("../../../child-package.js", import.meta.url).href);
  const channel = open((message) => {
    if (message.type === "load") void load(message);
    else if (message.type === "run") void runs.run(message);
    else if (message.type === "enqueued") runs.enqueued(message.run, message.number, message.answer);
    else runs.abort(message.run, message.reason);
  });
  const files = new ChildFiles();
  const log = new ChildLog(channel, undefined, () => runs.secrets);
  const runs = new ChildRuns(pool, channel, files, log);
  const ownLog = log.of(() => runs.owner);
  ownLog.captureConsole();
  process.on("unhandledRejection", (error) =>
    ownLog.error("A promise was rejected and nothing handled it", logFieldsOf(error, ...runs.secrets)),
  );

  async function load(message: Extract<ParentMessage, { type: "load" }>): Promise<void> {
    await files.load(message.files, message.cwd);
    if (message.configFile !== null) await files.loadConfig(message.configFile, message.cwd);
    channel.send({ type: "ready", problems: files.problems });
  }
}
