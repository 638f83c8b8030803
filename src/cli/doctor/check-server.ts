import { SECOND } from "../../lib/clock.ts";
import type { Finding } from "./findings.ts";

export interface ServerToCheck {
  /** The server's address, e.g. `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly token: string | null;
  /**
   * Whether the URL was configured: a server that does not run at the default URL is not a fault.
   */
  readonly named: boolean;
  /** @default 6,000 */
  readonly timeoutMs?: number;
}

/** Longer than the 5 s after which the server ends its own checks. */
const TIMEOUT_MS = 6 * SECOND;

/** Reads the readiness of a server, part by part. */
export async function checkServer({
  url,
  token,
  named,
  timeoutMs = TIMEOUT_MS,
}: ServerToCheck): Promise<readonly Finding[]> {
  const address = new URL("readyz", url.replace(/\/*$/, "/")).href;
  try {
    const response = await fetch(address, {
      // The server sends reasons to holders of the token only.
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "manual",
    });
    return judgeReadiness(url, address, response.status, await response.text());
  } catch (error) {
    if ((error as Error).name === "TimeoutError") {
      const what = `the server at ${url} did not answer within ${timeoutMs / SECOND} s.`;
      return [finding("bad", what, "See its log, or set another address with --url.")];
    }
    const { code = "no answer" } = ((error as Error).cause ?? {}) as { readonly code?: string };
    const remedy = "Start one with `lovage up`, or set its address with --url.";
    return [finding(named ? "bad" : "warning", `no server at ${url} (${code}).`, remedy)];
  }
}

function judgeReadiness(url: string, address: string, status: number, body: string): readonly Finding[] {
  const parts = readParts(body);
  if (parts === null)
    return [finding("bad", `${address} answered HTTP ${status}: ${body.slice(0, 200)}`, null)];
  const sick = parts.filter(([, part]) => part.ok !== true);
  if (status === 200 && sick.length === 0) return [finding("good", `the server at ${url} is ready.`, null)];
  return sick.map(([name, { reason }]) => {
    const why =
      typeof reason === "string" ? reason.slice(0, 500) : "it shows the reason to holders of its token";
    return finding("bad", `the server at ${url} is not ready: ${name}: ${why}.`, null);
  });
}

type Part = readonly [name: string, part: { readonly ok?: unknown; readonly reason?: unknown }];

/** The parts in a report of `/readyz`; null when Lovage did not send it. */
function readParts(body: string): readonly Part[] | null {
  try {
    const report = JSON.parse(body) as { readonly ok?: unknown; readonly parts?: object } | null;
    if (typeof report?.ok !== "boolean" || typeof report.parts !== "object") return null;
    const parts = Object.entries(report.parts as Readonly<Record<string, unknown>>);
    return parts.map(([name, part]) => [name.slice(0, 80), (part ?? {}) as Part[1]]);
  } catch {
    return null;
  }
}

function finding(verdict: Finding["verdict"], what: string, remedy: string | null): Finding {
  return { check: "server", verdict, what, remedy };
}
