import type { NewLogLine } from "../../store/logs/task-log-store.ts";

/** The log of one attempt on its way to the database: counts, no texts. */
export class AttemptLines {
  /** Lines that were taken. */
  taken = 0;
  /** Lines that were not. */
  dropped = 0;
  /** Lines that are taken and not stored yet. */
  pending = 0;
  /** Lines that the attempt may have. */
  allowance: number;
  /** Called once nothing is pending any more. */
  onStored: (() => void) | null = null;

  constructor(
    readonly taskId: string,
    readonly version: number,
    readonly attempt: number,
    /** Lines that the task may have. */
    private readonly maxLines: number,
  ) {
    this.allowance = maxLines;
  }

  /** The next line. */
  take({ level, message, fields }: Pick<NewLogLine, "level" | "message" | "fields">): NewLogLine {
    const { taskId, version, attempt } = this;
    this.taken += 1;
    this.pending += 1;
    return { taskId, version, attempt, line: this.taken, at: new Date(), level, message, fields };
  }

  /**
   * Learns from the position of its first line what earlier attempts have left. They may keep half of what the task may have, so that each
   * attempt has room to say why it fails; returns the position before which lines must go, null when all may stay.
   */
  makeRoom(first: number): number | null {
    const share = Math.floor(this.maxLines / 2);
    this.allowance = this.maxLines - Math.min(first - 1, share);
    return first - 1 > share ? first - share : null;
  }

  /** A line is stored, or will never be. */
  settle(): void {
    this.pending -= 1;
    if (this.pending === 0) this.finish();
  }

  /** Nobody waits any longer. */
  finish(): void {
    const then = this.onStored;
    this.onStored = null;
    then?.();
  }
}
