import { expect, test } from "vitest";
import { Fleet } from "../support/fleet.ts";
import { load, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { addSchedules, isSound, readBook, standStill, upToDate } from "../support/slot-book.ts";
import { startCluster } from "../support/cluster.ts";

test(
  "beats, PostgreSQL and Redis killed in any order: each slot is one task or one note, and each task runs",
  { timeout: 900_000 },
  async () => {
    const random = new Random("beat-storm");
    await using cluster = await startCluster({ redis: {}, postgres: true });
    await cluster.server();
    await cluster.worker();
    await using beats = await new Fleet({ worker: (options) => cluster.beat(options) }, 2).start();
    for (const misfire of ["SKIP", "FIRE_ONCE", "CATCH_UP"] as const) {
      await addSchedules(cluster, 4, "1s", misfire);
      await random.pause(0, 300);
    }
    const faults = {
      killBeat: () => beats.kill(random.pick(beats.alive)),
      crashPostgres: async () => {
        await cluster.postgres!.stop("immediate");
        await random.pause(50, 1_000);
        await cluster.postgres!.start();
      },
      killRedis: async () => {
        await cluster.redis!.kill();
        await random.pause(50, 500);
        await cluster.redis!.start();
      },
      flush: async () => void (await cluster.admin.flushall()),
    };
    const plan = random.shuffle([
      ...Array.from({ length: load(60, 5) }, () => "killBeat" as const),
      ...Array.from({ length: load(10, 2) }, () => "crashPostgres" as const),
      ...Array.from({ length: load(10, 1) }, () => "killRedis" as const),
      ...Array.from({ length: load(10, 1) }, () => "flush" as const),
    ]);
    for (const fault of plan) {
      await random.pause(100, 700);
      await faults[fault]();
    }
    const overAt = Date.now();
    await upToDate(cluster);
    await standStill(cluster);
    const book = await readBook(cluster);
    const slots = isSound(book);
    const tasks = book.reduce((sum, { fired }) => sum + fired.length, 0);
    await cluster.checker.allFinal(new Set());
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    await cluster.checker.isAtRest();
    expect(await cluster.checker.countByState()).toEqual({ SUCCESS: tasks });
    expect(beats.crashes).toEqual([]);
    report({
      test: "beat-storm",
      fault: `${plan.length} faults: SIGKILLs of 2 beats and Redis, FLUSHALL, crashes of PostgreSQL`,
      ...{ tasks: slots, lost: 0, doubled: 0 },
      resumedMs: await cluster.history.resumedAfter(overAt, 1_000).catch(() => null),
      note: `${tasks} slots gave a task, and each ran; ${slots - tasks} are noted as missed`,
    });
  },
);
