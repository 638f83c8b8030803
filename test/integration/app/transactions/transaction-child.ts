import { z } from "zod";
import { createApp } from "../../../../src/app/create-app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";

/**
 * A process of a user that dies at a bad moment. Run by Node itself, with its settings in the
 * environment and as its arguments: `enqueue` dies right after the commit of an enqueue; `write`
 * dies in a task's transaction, after its write.
 */
const WRITE = "insert into user_order (id, item) values (?, ?)";

export const order = defineTask({
  name: "test.order",
  input: z.object({ id: z.number(), deadly: z.boolean().default(false) }),
  run: ({ id, deadly }, ctx) =>
    ctx.transaction(async (em) => {
      await em.execute(WRITE, [id, ctx.workerName]);
      if (deadly && process.argv[2] === "write") process.kill(process.pid, "SIGKILL");
      return ctx.workerName;
    }),
});

const [, , what, settings] = process.argv;
if (what === "enqueue" || what === "write") {
  const app = createApp({
    tasks: [order],
    roles: what === "write" ? ["worker"] : [],
    config: JSON.parse(settings!) as object,
  });
  await app.start();
  console.log("started");
  if (what === "enqueue") {
    const handle = await app.em().transactional(async (em) => {
      await em.execute(WRITE, [0, "with the enqueue"]);
      return app.enqueue(order, { id: 1 }, { transaction: em });
    });
    console.log(`committed ${handle.id}`);
    process.kill(process.pid, "SIGKILL");
  }
}
