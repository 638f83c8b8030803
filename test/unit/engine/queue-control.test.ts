import { expect, test, vi } from "vitest";
import { QueueControl } from "../../../src/engine/control/queue-control.ts";
import { UnavailableError } from "../../../src/errors.ts";

function queueControl(purgeBroker: () => Promise<void>) {
  const parts = {
    taskControl: { purgeQueue: () => Promise.resolve([{ id: "a" }, { id: "b" }]) },
    publisher: { publish: vi.fn() },
    broker: { purge: purgeBroker },
    repair: { resend: () => Promise.resolve() },
  };
  return { control: new QueueControl(parts as never), publish: parts.publisher.publish };
}

test("a purge is done when PostgreSQL has revoked the tasks, also while the broker is away", async () => {
  const { control, publish } = queueControl(() => Promise.reject(new UnavailableError("broker")));
  expect(await control.purge("mail")).toBe(2);
  expect(publish).toHaveBeenCalledOnce();
});

test("an error that is not an outage of the broker is thrown", async () => {
  const { control } = queueControl(() => Promise.reject(new TypeError("a bug")));
  await expect(control.purge("mail")).rejects.toThrow(TypeError);
});

test("a call without an answer is not reported as an enqueue", () => {
  expect(new UnavailableError("broker").message).toBe(
    "The broker does not answer: nothing is confirmed. Try again soon.",
  );
});
