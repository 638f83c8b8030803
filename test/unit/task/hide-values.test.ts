import { format } from "node:util";
import { expect, test } from "vitest";
import { hideInIssue } from "../../../src/task/sensitive/hide-in-issue.ts";
import { hideIn, hideValues } from "../../../src/task/sensitive/hide-values.ts";

const SECRET = "correct horse battery staple";
const secrets = { "/password": SECRET };

test.each([
  ["cut by us", `got "${SECRET.slice(0, 11)}…`],
  ["cut within a quote by inspect", `{ password: '${SECRET.slice(0, 11)}'... 17 more characters }`],
  ["cut with three dots", `${SECRET.slice(0, 4)}... and ${SECRET.slice(0, 20)}...`],
])("the start of a value that another library has cut is hidden: %s", (_how, text) => {
  expect(hideValues(text, secrets)).not.toMatch(/corr|horse/);
});

test("a cut string that only starts like a value, and a string that ends like one, stay", () => {
  expect(hideValues("a cor… and so on, in corr", secrets)).toBe("a cor… and so on, in corr");
});

test("a value with quotes and lines is hidden as console.log writes it, whole and line by line", () => {
  const pem = `-----BEGIN 'KEY'-----\nMIIEvgIBADANBgkqh'"\n-----END 'KEY'-----`;
  const printed = format({
    pem,
    about: { text: `${pem} is the key that this process was given to sign with` },
  });
  expect(hideValues(printed, { "/pem": pem })).not.toMatch(/MIIEvg|BEGIN|END/);
  expect(hideValues("second line: MIIEvgIBADANBgkqh'\"", { "/pem": pem })).toBe("second line: [redacted]");
});

test("values are hidden in keys too, and two keys stay two", () => {
  expect(hideIn({ [SECRET]: 1, [SECRET.toUpperCase()]: 2, n: [{ [`x ${SECRET}`]: 3 }] }, secrets)).toEqual({
    "[redacted]": 1,
    [SECRET.toUpperCase()]: 2,
    n: [{ "x [redacted]": 3 }],
  });
  const two = { "/a": "hunter22", "/b": "hunter33" };
  expect(hideIn({ hunter22: 1, hunter33: 2 }, two)).toEqual({ "[redacted]": 1, "[redacted] 2": 2 });
});

test("a mistake in a short value is reported without it; other issues keep words that are equal to it", () => {
  const pin = { "/card/pin": "12" };
  const at = (path: string[]) => ({
    code: "INVALID_INPUT" as const,
    path,
    message: 'Expected 4 digits, got "12".',
    hint: "Not 12.",
  });
  const here = hideInIssue(at(["0", "args", "card", "pin"]), ["0"], pin);
  expect(here).toMatchObject({ message: 'Expected 4 digits, got "[redacted]".', hint: "Not [redacted]." });
  expect(hideInIssue(at(["0", "args", "card"]), ["0"], pin).message).not.toContain("12");
  const odd = String.raw`^-a.b*[c](d){e}|f/g\$?+`;
  const quoting = { ...at(["0", "args", "card", "pin"]), message: `got ${odd}!` };
  expect(hideInIssue(quoting, ["0"], { "/card/pin": odd }).message).toBe("got [redacted]!");
  expect(hideInIssue(at(["0", "args", "months"]), ["0"], pin).message).toContain("12");
});
