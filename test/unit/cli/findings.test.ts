import { describe, expect, test } from "vitest";
import { judgeBroker, judgeDatabase, judgeNode } from "../../../src/cli/doctor/findings.ts";

describe("the doctor", () => {
  test.each([
    ["24.21.0", "good"],
    ["22.18.0", "good"],
    ["22.17.9", "bad"],
    ["20.20.2", "bad"],
  ])("finds Node %s %s", (version, verdict) => {
    expect(judgeNode(version).verdict).toBe(verdict);
  });

  test.each([
    ["14.0", 0, [], ["good", "good", "good"]],
    ["13.14", 0, [], ["bad", "good", "good"]],
    ["17.2", 0, ["first", "second"], ["good", "bad", "good"]],
    ["17.2", -1_500, [], ["good", "good", "warning"]],
    ["17.2", 3_600_000, [], ["good", "good", "bad"]],
  ])("finds PostgreSQL %s, %i ms off, with %j pending %j", (version, clockSkewMs, pending, verdicts) => {
    const findings = judgeDatabase({ kind: "postgresql", version, clockSkewMs }, pending);
    expect(findings.map((finding) => finding.verdict)).toEqual(verdicts);
  });

  test.each([
    ["7.0.15", "noeviction", true, ["good", "good"]],
    ["6.2.0", "noeviction", true, ["warning", "good"]],
    ["6.0.16", "noeviction", true, ["bad", "good"]],
    ["7.4.0", "allkeys-lru", false, ["good", "warning"]],
    ["7.4.0", "allkeys-lru", true, ["good", "bad"]],
  ])("finds Redis %s with %s, production %s, %j", (version, evictionPolicy, production, verdicts) => {
    const findings = judgeBroker({ kind: "redis", version, evictionPolicy, denied: null }, production);
    expect(findings.map((finding) => finding.verdict)).toEqual(verdicts);
  });

  test("prints the remedy for everything that it finds bad", () => {
    const bad = [
      judgeNode("20.0.0"),
      ...judgeDatabase({ kind: "postgresql", version: "13.0", clockSkewMs: 90_000 }, ["first"]),
      ...judgeBroker(
        {
          kind: "redis",
          version: "6.0.0",
          evictionPolicy: "volatile-ttl",
          denied: { what: "It may not.", remedy: "Allow it." },
        },
        true,
      ),
    ];
    expect(bad.every((finding) => finding.verdict === "bad" && finding.remedy !== null)).toBe(true);
  });
});
