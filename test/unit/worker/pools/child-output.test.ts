import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { type Logger, silentLogger } from "../../../../src/lib/log/log.ts";
import { ChildOutput } from "../../../../src/worker/pools/parent/child-output.ts";

async function lastWords(text: string): Promise<Error | undefined> {
  const output = new ChildOutput("A child printed", {}, silentLogger, () => []);
  const stream = new PassThrough();
  output.read(stream, "stderr");
  stream.end(text);
  await finished(stream);
  return output.lastWords.cause as Error | undefined;
}

test.each([
  [
    "the error that nothing caught, not the line that threw it",
    "file:///app/a.tasks.ts:16\n  throw new Error('gone');\n        ^\n\nError: gone\n    at file:///app/a.tasks.ts:16:9\n\nNode.js v24.21.0\n",
    "Error: gone",
  ],
  [
    "the last such error, whatever was printed before",
    "(node:7) Warning: old\na.js:1\n  x\n  ^\nError: first\n    at a\na.js:2\n  y\n  ^^^\n\nTypeError: second\n    at b\n",
    "TypeError: second",
  ],
  [
    "what V8 gave up for",
    "\n<--- Last few GCs --->\n\n[7:0x1] 900 ms: Mark-Compact\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ],
  ["the first line of anything else", "panicked at src/lib.rs\nnote: run with …\n", "panicked at src/lib.rs"],
])("the last output of a child is reported by %s", async (_, text, message) => {
  const cause = await lastWords(text);
  expect(cause?.message).toBe(message);
  expect(cause?.stack).toContain(text.trim());
});

test("a child without output has no cause of death", async () => {
  expect(await lastWords(" \n")).toBeUndefined();
});

/** What the log gets of a standard error in these pieces. */
async function linesOf(
  pieces: readonly string[],
  secret: string,
): Promise<{ lines: string[]; output: ChildOutput }> {
  const lines: string[] = [];
  const log: Logger = {
    ...silentLogger,
    info: (_message, fields) => void lines.push(String(fields!["line"])),
  };
  const output = new ChildOutput("A child printed", {}, log, () => [{ "/a": secret }]);
  const stream = new PassThrough();
  output.read(stream, "stderr");
  for (const piece of pieces) {
    stream.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  await finished(stream);
  return { lines, output };
}

test("a sensitive value is hidden when it is printed in pieces, or across the cut of a line or of the last output", async () => {
  const secret = "correct horse battery staple";
  const { lines, output } = await linesOf(
    [
      `it is ${secret.slice(0, 9)}`,
      `${secret.slice(9)}, yes\n`,
      `${"x".repeat(1_990)}${secret}\n`,
      `${secret}${"y".repeat(8_170)}\n`,
    ],
    secret,
  );
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe("it is [redacted], yes");
  expect(JSON.stringify([lines, (output.lastWords.cause as Error).stack])).not.toMatch(
    /correct|horse|battery|staple/,
  );
});

test("a line without an end is written once, when its child is silent", async () => {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const info: Logger["info"] = (_message, fields) => {
    lines.push(String(fields!["line"]));
    resolve();
  };
  const stream = new PassThrough();
  new ChildOutput("A child printed", {}, { ...silentLogger, info }, () => []).read(stream, "stdout");
  stream.write("Password? ");
  await promise;
  stream.end("none\n");
  await finished(stream);
  expect(lines).toEqual(["Password?", "none"]);
});
