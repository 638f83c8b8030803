import { expect, test } from "vitest";
import { StreamHider } from "../../../../src/worker/pools/parent/child-output.ts";

const SECRET = "abab two\nlines of it";

test("a value is hidden wherever the stream is split, and the rest passes", () => {
  const text = `first abab ${SECRET} then\n${SECRET}${SECRET} abab\nend`;
  const expected = "first abab [redacted] then\n[redacted][redacted] abab\nend";
  for (let size = 1; size <= text.length; size += 1) {
    const hider = new StreamHider(() => [{ "/a": SECRET }]);
    let shown = "";
    for (let at = 0; at < text.length; at += size) shown += hider.push(text.slice(at, at + size));
    expect(shown + hider.end()).toBe(expected);
  }
});

test("the longer of two values is hidden completely, although the shorter one came first", () => {
  const hider = new StreamHider(() => [{ "/a": "hunter2" }, { "/a": "hunter2 and more" }]);
  expect([hider.push("x hunter2"), hider.push(" and mo"), hider.push("re y"), hider.end()].join("")).toBe(
    "x [redacted] y",
  );
});

test("the start of a value that is never completed is hidden", () => {
  const hider = new StreamHider(() => [{ "/a": SECRET }]);
  expect(hider.push("dead at abab two\nli")).toBe("dead at ");
  expect(hider.peek()).toBe("[redacted]");
  expect(hider.end()).toBe("[redacted]");
});
