const OWN_FILES = new URL("../../", import.meta.url).href;

/** A call of `process.exit()` that nobody here made. */
export interface ExitCall {
  /** What it asked to end the process with. */
  readonly code: number;
  /**
   * The caller's line of the stack, such as `run (/app/mail.tasks.ts:7:13)`; null where the process
   * ends without a call.
   */
  readonly caller: string | null;
}

/**
 * Reports calls of `process.exit()` by user code, and changes the exit code, until it is disposed.
 * Such a call cannot be stopped: it ends the process at once, and with code 0 a supervisor would
 * take that for a normal end.
 *
 * @param report returns the exit code. It must be synchronous: nothing asynchronous runs any more.
 */
export function guardExit(report: (call: ExitCall) => number): Disposable {
  const onExit = (code: number): void => {
    const caller = callerOfExit(new Error("stack").stack ?? "");
    // The command line itself exits when its output is lost, and has reported that.
    if (code !== 0 && caller?.includes(OWN_FILES)) return;
    process.exitCode = report({ code, caller });
  };
  process.on("exit", onExit);
  return { [Symbol.dispose]: () => void process.off("exit", onExit) };
}

/** The event is emitted within the call, so the stack shows who made it. */
function callerOfExit(stack: string): string | null {
  const lines = stack.split("\n").map((line) => line.trim().replace(/^at /, ""));
  const call = lines.findIndex((line) => /^process\.(?:exit|reallyExit) /.test(line));
  return (call < 0 ? undefined : lines[call + 1]) ?? null;
}
