import { expect, test, vi } from "vitest";
import type { Logger } from "../../../src/lib/log/log.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { EventLoopMonitor } from "../../../src/worker/event-loop-monitor.ts";

function watched(running: readonly { id: string; name: string }[]) {
  const warnings: { readonly message: string; readonly facts: Record<string, unknown> }[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message, facts = {}) => void warnings.push({ message, facts }),
  };
  const watch = new EventLoopMonitor(() => running, log, { limitMs: 100, everyMs: 20 });
  watch.start();
  return { watch, warnings };
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const nextLook = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

test("a blocked event loop is logged with the tasks that ran", async () => {
  const { watch, warnings } = watched([{ id: "1", name: "report.make" }]);
  await nextLook();
  block(200);
  await vi.waitFor(() => expect(warnings).toHaveLength(1));
  watch.stop();
  expect(warnings[0]!.message).toContain("blocked the event loop");
  expect(warnings[0]!.facts.running).toEqual(["report.make 1"]);
  expect(warnings[0]!.facts.ms).toBeGreaterThan(100);
});

test("a task whose synchronous start took long is named alone", async () => {
  const { watch, warnings } = watched([{ id: "1", name: "report.make" }]);
  await nextLook();
  block(200);
  watch.blame({ id: "2", name: "image.scale" });
  await vi.waitFor(() => expect(warnings).toHaveLength(1));
  watch.stop();
  expect(warnings[0]!.facts).toMatchObject({ taskId: "2", task: "image.scale" });
});

test("short turns are not logged", async () => {
  const { watch, warnings } = watched([{ id: "1", name: "report.make" }]);
  await nextLook();
  block(30);
  await nextLook();
  watch.stop();
  expect(warnings).toEqual([]);
});
