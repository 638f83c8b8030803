import { Lru } from "../../lib/lru.ts";
import { Crontab } from "./crontab.ts";
import { Zone } from "./zone.ts";

const ZONES = 100;
const CRONTABS = 200;

/**
 * The zones and crontabs used last, for who asks about many schedules: most of these share a few.
 * They are kept, and not more of them, since a crontab takes 80 KB and a fifth of a millisecond to
 * make, a zone half of that.
 */
export class Calendars {
  readonly #zones = new Lru<string, Zone>({ max: ZONES });
  readonly #crontabs = new Lru<string, Crontab>({ max: CRONTABS });

  /** @throws RangeError for a name that no zone has */
  zone(name: string): Zone {
    return this.#zones.getOrMake(name, () => new Zone(name));
  }

  /** @throws Error for an expression that `findCrontabMistake` finds wrong */
  crontab(expression: string): Crontab {
    return this.#crontabs.getOrMake(expression, () => new Crontab(expression));
  }
}
