import type { Child, ChildExit } from "../../support/child.ts";
import type { Cluster } from "./cluster.ts";

/** What a supervisor does: so many workers run; one that ends is replaced at once. */
export class Fleet implements AsyncDisposable {
  readonly #members: (Child | null)[];
  readonly #keeping: Promise<void>[] = [];
  readonly #filling: Promise<void>[] = [];
  readonly #replaced = new WeakSet<Child>();
  #over = false;
  /** How workers ended, other than by `replace`. */
  readonly exits: ChildExit[] = [];

  constructor(
    private readonly cluster: Pick<Cluster, "worker">,
    size: number,
    private readonly options: Parameters<Cluster["worker"]>[0] = {},
  ) {
    this.#members = Array.from({ length: size }, () => null);
  }

  /** Resolves when all are online. */
  async start(): Promise<this> {
    await Promise.all(this.#members.map((_, index) => this.#fill(index)));
    return this;
  }

  /**
   * Workers that ended by themselves, other than for want of PostgreSQL or Redis at their start
   * (69: that is told, and left to a supervisor).
   */
  get crashes(): ChildExit[] {
    return this.exits.filter(({ code, signal }) => signal !== "SIGKILL" && code !== 69);
  }

  /** The workers that run now. */
  get alive(): Child[] {
    return this.#members.filter((member): member is Child => member !== null && member.running);
  }

  /** SIGKILL; resolves when the process is dead. Another one takes its place. */
  async kill(victim: Child): Promise<void> {
    victim.kill("SIGKILL");
    await victim.exited;
  }

  /**
   * Ends one; resolves when another one has taken its place, with the exit code and how long the
   * end took.
   */
  async replace(
    index: number,
    signal: NodeJS.Signals = "SIGTERM",
  ): Promise<{ readonly code: number | null; readonly ms: number }> {
    const begun = performance.now();
    const member = this.#members[index]!;
    this.#replaced.add(member);
    member.kill(signal);
    const { code } = await member.exited;
    const ms = performance.now() - begun;
    await this.#filling[index];
    return { code, ms };
  }

  /** No more replacements; the processes stay as they are, for the cluster to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    for (const member of this.#members) member?.kill("SIGKILL");
    await Promise.all(this.#keeping);
  }

  async #fill(index: number): Promise<void> {
    const child = await this.cluster.worker({ ...this.options, ready: false });
    this.#members[index] = child;
    this.#keeping.push(
      child.exited.then(async (exit) => {
        if (this.#over) return;
        if (!this.#replaced.has(child)) this.exits.push(exit);
        this.#filling[index] = this.#fill(index);
        await this.#filling[index];
      }),
    );
    await Promise.race([child.waitForLine(/lovage \d+\.\d+/, 60_000), child.exited]).catch(() => undefined);
  }
}
