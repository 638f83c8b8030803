import type { WorkerAnswers } from "../../engine/control/worker-asker.ts";
import { answering, type UserErrorRecord } from "../errors.ts";

/** What a WorkerCommandPayload is resolved from. */
export interface WorkerCommandPayload extends WorkerAnswers {
  readonly errors: readonly UserErrorRecord[];
}

const IN_INPUT: readonly string[] = ["workers", "timeout"];

/** Gives a command; what is wrong with it becomes the payload's `errors`. */
export function commanding(give: () => Promise<WorkerAnswers>): Promise<WorkerCommandPayload> {
  return answering<WorkerCommandPayload>(
    async () => ({ ...(await give()), errors: [] }),
    (errors) => ({ replies: [], silent: [], errors }),
    (path) => (IN_INPUT.includes(path[0]!) ? ["input", ...path] : path),
  );
}
