import { expect, test } from "vitest";
import { UnavailableError } from "../../../src/errors.ts";
import { redisFailure, replyCode } from "../../../src/redis/errors.ts";

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

test.each([
  ["LOADING Redis is loading the dataset in memory", "LOADING"],
  ["READONLY You can't write against a read only replica.", "READONLY"],
  ["NOPERM this user has no permissions to run the 'xadd' command", "NOPERM"],
  ["NOAUTH Authentication required.", "NOAUTH"],
  ["ERR max number of clients reached", "ERR"],
  ["ERR unknown command 'XAUTOCLAIM'", "ERR"],
  ["NEWCODE of a version to come", "NEWCODE"],
  // As Redis 6 passes on what a command in a script was answered.
  [
    "ERR Error running script (call to f_0): @user_script:1: @user_script: 1: -READONLY You can't write against a read only replica.",
    "READONLY",
  ],
  ["ERR Error running script (call to f_0): @user_script:3: -OOM command not allowed", "OOM"],
  ["ERR The user executing the script can't run this command or subcommand", "NOPERM"],
])("%s is an outage, with Redis' message for operators", (message, code) => {
  const error = reply(message);
  expect(replyCode(error)).toBe(code);
  const failure = redisFailure(error) as UnavailableError;
  expect(failure).toBeInstanceOf(UnavailableError);
  expect(failure).toMatchObject({ service: "broker", answered: true, cause: { message } });
  expect(failure.hint).toContain(message);
});

test("a key of another program under Lovage's name is refused for good", () => {
  const failure = redisFailure(reply("WRONGTYPE Operation against a key holding the wrong kind of value"));
  expect(failure).not.toBeInstanceOf(UnavailableError);
  expect(failure.message).toMatch(/^WRONGTYPE/);
});

test("a connection that broke is an outage without an answer", () => {
  expect(redisFailure(new Error("Connection is closed."))).toMatchObject({ answered: false, hint: null });
});
