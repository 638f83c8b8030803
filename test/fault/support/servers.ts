import { vi } from "vitest";
import type { Child } from "../../support/child.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { startTcpProxy, type TcpProxy } from "../../support/servers/tcp-proxy.ts";
import type { Random } from "./random.ts";
import type { Cluster } from "./cluster.ts";

const PROBE = new URL("./probe-hook.ts", import.meta.url).href;

/** What a server holds, after a garbage collection. */
export interface Probe {
  readonly subscriptions: number;
  readonly streams: number;
  readonly sockets: number;
  /** Longest time that it was busy with one thing since the last probe. */
  readonly busyMs: number;
}

interface Place {
  readonly port: number;
  readonly proxy: TcpProxy;
  server: Child;
}

/** Several `lovage server`s, each behind a proxy of its own; clients find one of them by chance. */
export class Servers implements AsyncDisposable {
  #members: Place[] = [];

  constructor(
    private readonly cluster: Pick<Cluster, "server">,
    private readonly random: Random,
  ) {}

  /** Resolves when so many answer. */
  async start(size: number): Promise<this> {
    this.#members = await Promise.all(Array.from({ length: size }, () => this.#open()));
    return this;
  }

  get alive(): Child[] {
    return this.#members.map((member) => member.server);
  }

  /** One of them, dead or alive, past its proxy. */
  direct = (): string => `http://127.0.0.1:${this.random.pick(this.#members).port}`;

  /** One of them, dead or alive: `http://127.0.0.1:<port of its proxy>`. */
  url = (): string => `http://127.0.0.1:${this.random.pick(this.#members).proxy.port}`;

  /** SIGKILL of one; resolves when another answers in its place. */
  async killOne(): Promise<void> {
    const member = this.random.pick(this.#members);
    member.server.kill("SIGKILL");
    await member.server.exited;
    member.server = await this.#serve(member.port);
  }

  /**
   * Cuts off up to so many connections of one server: with a reset, or so that neither side hears
   * of the other again.
   */
  dropSome(most: number): void {
    const { proxy } = this.random.pick(this.#members);
    const count = this.random.between(1, most);
    if (this.random.next() < 0.5) proxy.loseSome(count);
    else proxy.resetSome(count);
  }

  /** Resets all connections of now. */
  dropAll(): void {
    for (const { proxy } of this.#members) proxy.resetAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { proxy } of this.#members) await proxy[Symbol.asyncDispose]();
  }

  async #open(): Promise<Place> {
    const port = await freePort();
    const server = await this.#serve(port);
    return { port, server, proxy: await startTcpProxy({ port }) };
  }

  #serve = (port: number): Promise<Child> => this.cluster.server({ port, imports: [PROBE] });
}

/**
 * How many subscriptions and sockets a server holds; it has to be started with the hook that counts
 * them.
 */
export async function probeOf(server: Child): Promise<Probe> {
  const told = (): string[] => server.stderrLines.filter((line) => line.startsWith("probe "));
  const before = told().length;
  server.kill("SIGUSR2");
  const line = await vi.waitUntil(() => told()[before], { timeout: 20_000, interval: 20 });
  return JSON.parse(line.slice("probe ".length)) as Probe;
}
