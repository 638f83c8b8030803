import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "../../lib/log/log.ts";
import type { Authenticator } from "./access/auth.ts";
import { withDeadline } from "./operations/deadline.ts";
import type { HealthChecks, HealthReport } from "./server-options.ts";

export interface HealthRouteParts {
  readonly health: HealthChecks;
  readonly authenticator: Authenticator;
  readonly timeoutMs: number;
  readonly log: Logger;
}

/**
 * The routes `/healthz` and `/readyz`: 200 or 503 for every caller. Only callers with the token or
 * on this machine see reasons.
 */
export function addHealthRoutes(fastify: FastifyInstance, parts: HealthRouteParts): void {
  const { health } = parts;
  fastify.get("/healthz", (request, reply) => answer(() => health.live(), request, reply));
  fastify.get("/readyz", (request, reply) => answer(() => health.ready(), request, reply));

  async function answer(
    check: () => Promise<HealthReport>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const report = await run(check, request.id, parts);
    const shown = mayKnowReasons(request, parts.authenticator) ? report : withoutReasons(report);
    return reply
      .code(report.ok ? 200 : 503)
      .type("application/json; charset=utf-8")
      .send(JSON.stringify(shown));
  }
}

async function run(
  check: () => Promise<HealthReport>,
  requestId: string,
  { timeoutMs, log }: HealthRouteParts,
): Promise<HealthReport> {
  const failed = (reason: string): HealthReport => ({ ok: false, parts: { check: { ok: false, reason } } });
  try {
    return await withDeadline(check(), timeoutMs, () => failed(`took longer than ${timeoutMs} ms`));
  } catch (error) {
    log.error("A health check failed unexpectedly.", { requestId, err: error });
    return failed("failed unexpectedly; see the log");
  }
}

function mayKnowReasons({ headers, socket }: FastifyRequest, authenticator: Authenticator): boolean {
  if (authenticator.identify(headers.authorization)) return true;
  // A proxy on this machine is on loopback too, but its callers are not.
  const forwarded = headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined;
  return !forwarded && isLoopback(socket.remoteAddress ?? "");
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.replace(/^::ffff:/, "").startsWith("127.");
}

function withoutReasons({ ok, parts }: HealthReport): HealthReport {
  return {
    ok,
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, { ok: part.ok }])),
  };
}
