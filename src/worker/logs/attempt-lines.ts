import type { NewLogLine } from "../../store/logs/task-log-store.ts";

/** Counts of the log lines of one attempt, which are on their way to the database. */
export class AttemptLines {
  /** Lines that were accepted. */
  taken = 0;
  /** Lines that were not accepted. */
  dropped = 0;
  /** Lines that are accepted and not stored yet. */
  pending = 0;
  /** Lines that the attempt may have. */
  allowance: number;
  /** Called once no line is pending any more. */
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

  /** Returns the next line. */
  take({ level, message, fields }: Pick<NewLogLine, "level" | "message" | "fields">): NewLogLine {
    const { taskId, version, attempt } = this;
    this.taken += 1;
    this.pending += 1;
    return { taskId, version, attempt, line: this.taken, at: new Date(), level, message, fields };
  }

  /**
   * Reduces the allowance by the lines of earlier attempts. These may keep half of the task's
   * lines, so that each attempt has room to log why it fails.
   *
   * @param first the position of this attempt's first line in the task's log
   * @returns the position before which lines must be deleted; null when all may stay
   */
  makeRoom(first: number): number | null {
    const share = Math.floor(this.maxLines / 2);
    this.allowance = this.maxLines - Math.min(first - 1, share);
    return first - 1 > share ? first - share : null;
  }

  /** A line is stored, or was dropped. */
  settle(): void {
    this.pending -= 1;
    if (this.pending === 0) this.finish();
  }

  /** Ends the wait, even with pending lines. */
  finish(): void {
    const then = this.onStored;
    this.onStored = null;
    then?.();
  }
}
