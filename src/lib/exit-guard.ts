const OWN_FILES = new URL("../", import.meta.url).href;

/** A call of `process.exit()` that nobody here made. */
export interface ExitCall {
  /** What it asked to end the process with. */
  readonly code: number;
  /** The caller's line of the stack, such as `run (/app/mail.tasks.ts:7:13)`; null where the process ends without a call. */
  readonly caller: string | null;
}

/**
 * Until it is disposed, a `process.exit()` that code of users makes is reported, and ends the process with another code. Such a call cannot be
 * stopped: it ends the process in the middle of everything, and with 0 a supervisor would believe that all is well.
 *
 * @param report must be done when it returns, for nothing asynchronous runs any more. It returns the exit code.
 */
export function guardExit(report: (call: ExitCall) => number): Disposable {
  const onExit = (code: number): void => {
    const caller = callerOfExit(new Error("stack").stack ?? "");
    // The command line itself ends the process where its output is lost, and has said so.
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
