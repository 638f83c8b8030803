import { Recent } from "../../lib/lru.ts";
import { Crontab } from "./crontab.ts";
import { Zone } from "./zone.ts";

const ZONES = 100;
const CRONTABS = 200;

/**
 * The zones and crontabs used last, for who asks about many schedules: most of these share a few. They are kept, and not more of them,
 * since a crontab takes 80 KB and a fifth of a millisecond to make, a zone half of that.
 */
export class Calendars {
  readonly #zones = new Recent(ZONES, (name) => new Zone(name));
  readonly #crontabs = new Recent(CRONTABS, (expression) => new Crontab(expression));

  /** @throws RangeError for a name that no zone has */
  zone(name: string): Zone {
    return this.#zones.get(name);
  }

  /** @throws Error for an expression that `findCrontabMistake` finds wrong */
  crontab(expression: string): Crontab {
    return this.#crontabs.get(expression);
  }
}
