import { expect, test } from "vitest";
import { Fleet } from "./fleet.ts";
import { load, report } from "./load.ts";
import { Random } from "./random.ts";
import { addSchedules, isSound, readBook, standStill, upToDate } from "./slot-book.ts";
import { startWorld } from "./world.ts";

test(
  "beats, PostgreSQL and Redis killed in any order: each slot is one task or one note, and each task runs",
  { timeout: 900_000 },
  async () => {
    const random = new Random("beat-storm");
    await using world = await startWorld({ redis: {}, postgres: true });
    await world.server();
    await world.worker();
    await using beats = await new Fleet({ worker: (options) => world.beat(options) }, 2).start();
    for (const misfire of ["SKIP", "FIRE_ONCE", "CATCH_UP"] as const) {
      await addSchedules(world, 4, "1s", misfire);
      await random.pause(0, 300);
    }
    const faults = {
      killBeat: () => beats.kill(random.pick(beats.alive)),
      crashPostgres: async () => {
        await world.postgres!.stop("immediate");
        await random.pause(50, 1_000);
        await world.postgres!.start();
      },
      killRedis: async () => {
        await world.redis!.kill();
        await random.pause(50, 500);
        await world.redis!.start();
      },
      flush: async () => void (await world.admin.flushall()),
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
    await upToDate(world);
    await standStill(world);
    const book = await readBook(world);
    const slots = isSound(book);
    const tasks = book.reduce((sum, { fired }) => sum + fired.length, 0);
    await world.oracle.allFinal(new Set());
    await world.oracle.successesRan();
    await world.oracle.transitionsAreSound();
    await world.oracle.isAtRest();
    expect(await world.oracle.countByState()).toEqual({ SUCCESS: tasks });
    expect(beats.crashes).toEqual([]);
    report({
      test: "beat-storm",
      fault: `${plan.length} faults: SIGKILLs of 2 beats and Redis, FLUSHALL, crashes of PostgreSQL`,
      ...{ tasks: slots, lost: 0, doubled: 0 },
      resumedMs: await world.ledger.resumedAfter(overAt, 1_000).catch(() => null),
      note: `${tasks} slots gave a task, and each ran; ${slots - tasks} are noted as missed`,
    });
  },
);
