import type { Child } from "../support/child.ts";
import type { World } from "./world.ts";

/** What a supervisor does: so many workers run; one that ends is replaced at once. */
export class Fleet implements AsyncDisposable {
  readonly #members: (Child | null)[];
  readonly #keeping: Promise<void>[] = [];
  #over = false;
  /** How often a worker ended without having been asked to. */
  deaths = 0;

  constructor(
    private readonly world: Pick<World, "worker">,
    size: number,
    private readonly options: Parameters<World["worker"]>[0] = {},
  ) {
    this.#members = Array.from({ length: size }, () => null);
  }

  /** Resolves when all are online. */
  async start(): Promise<this> {
    await Promise.all(this.#members.map((_, place) => this.#fill(place)));
    return this;
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

  /** Asks one to end and waits for that; another one takes its place. Resolves with its exit code and how long it took. */
  async replace(place: number): Promise<{ readonly code: number | null; readonly ms: number }> {
    const begun = performance.now();
    const member = this.#members[place]!;
    this.deaths -= 1;
    member.kill("SIGTERM");
    const { code } = await member.exited;
    const ms = performance.now() - begun;
    await this.#filling[place];
    return { code, ms };
  }

  /** No more replacements; the processes stay as they are, for the world to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    for (const member of this.#members) member?.kill("SIGKILL");
    await Promise.all(this.#keeping);
  }

  readonly #filling: Promise<void>[] = [];

  async #fill(place: number): Promise<void> {
    const child = await this.world.worker({ ...this.options, ready: false });
    this.#members[place] = child;
    this.#keeping.push(
      child.exited.then(async () => {
        if (this.#over) return;
        this.deaths += 1;
        this.#filling[place] = this.#fill(place);
        await this.#filling[place];
      }),
    );
    await Promise.race([child.waitForLine(/lovage \d+\.\d+/, 60_000), child.exited]).catch(() => undefined);
  }
}
