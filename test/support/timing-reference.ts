/**
 * Slots by other means than croner and our own arithmetic, as slowly as it takes: every minute of
 * the span is looked at. What the clocks show is asked of `Intl` and written into a table; the
 * fields of an expression are read into sets; and the rules of `timing.ts` are applied to the
 * table, minute by minute.
 */

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** What the clocks of a zone show, for each minute of a span. */
export interface MinuteTable {
  /** The first moment. */
  readonly from: number;
  /** Local times as minutes since 1970, by minute of the span. */
  readonly local: Int32Array;
}

export function tableOf(zone: string, from: number, days: number): MinuteTable {
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric" },
  });
  const shown = (moment: number): number => {
    const parts = Object.fromEntries(
      format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
    );
    return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute) / MINUTE;
  };
  const local = new Int32Array(days * 1_440);
  // Between two looks that agree the clocks ran on; where they do not, every minute is looked at.
  const step = 60;
  for (let minute = 0; minute < local.length; minute += step) {
    const first = shown(from + minute * MINUTE);
    const steady = shown(from + (minute + step) * MINUTE) === first + step;
    for (let next = 0; next < step; next += 1) {
      local[minute + next] = steady ? first + next : shown(from + (minute + next) * MINUTE);
    }
  }
  return { from, local };
}

interface Fields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly fixedHours: boolean;
  readonly fitsDay: (day: Date) => boolean;
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");

function setOf(field: string, least: number, most: number, names: readonly string[] = []): Set<number> {
  const value = (text: string): number => (names.includes(text) ? names.indexOf(text) + least : Number(text));
  return new Set(
    field.split(",").flatMap((item) => {
      const [range, step = "1"] = item.split("/") as [string, string?];
      const [low, high = low] =
        range === "*" ? [String(least), String(most)] : (range.split("-") as [string, string?]);
      const all = Array.from({ length: value(high!) - value(low!) + 1 }, (_, index) => value(low!) + index);
      return all.filter((_, index) => index % Number(step) === 0);
    }),
  );
}

function fieldsOf(expression: string): Fields {
  const [minute, hour, day, month, weekday] = expression.split(" ") as [
    string,
    string,
    string,
    string,
    string,
  ];
  const hours = setOf(hour, 0, 23);
  const months = setOf(month, 1, 12, MONTHS);
  const days = dayRule(day);
  const weekdays = weekdayRule(weekday.replace("+", ""));
  return {
    minutes: setOf(minute, 0, 59),
    hours,
    fixedHours: !hour.startsWith("*") && hours.size < 24,
    // As in Vixie cron: where both are restricted either will do, where one begins with a star both
    // must fit. A plus asks for both.
    fitsDay: (date) => {
      if (!months.has(date.getUTCMonth() + 1)) return false;
      if (/^[*+]/.test(weekday) || day.startsWith("*")) return days(date) && weekdays(date);
      return days(date) || weekdays(date);
    },
  };
}

const lastOf = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function dayRule(field: string): (date: Date) => boolean {
  if (field === "L") return (date) => date.getUTCDate() === lastOf(date);
  const near = /^(\d+)W$/.exec(field);
  if (!near) return (date) => setOf(field, 1, 31).has(date.getUTCDate());
  // The working day nearest to it, within the month.
  return (date) => {
    const last = lastOf(date);
    const wanted = Number(near[1]);
    if (wanted > last) return false;
    const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), wanted)).getUTCDay();
    const shift = weekday === 6 ? (wanted > 1 ? -1 : 2) : weekday === 0 ? (wanted < last ? 1 : -2) : 0;
    return date.getUTCDate() === wanted + shift;
  };
}

function weekdayRule(field: string): (date: Date) => boolean {
  const nth = /^(\d)#(\d)$/.exec(field);
  if (nth) {
    return (date) =>
      date.getUTCDay() === Number(nth[1]) && Math.ceil(date.getUTCDate() / 7) === Number(nth[2]);
  }
  const last = /^(\d)L$/.exec(field);
  if (last) return (date) => date.getUTCDay() === Number(last[1]) && date.getUTCDate() + 7 > lastOf(date);
  const days = setOf(field, 0, 7, WEEKDAYS);
  return (date) => days.has(date.getUTCDay()) || (date.getUTCDay() === 0 && days.has(7));
}

/** All slots within the table, as moments. */
export function referenceSlots(expression: string, table: MinuteTable): number[] {
  const fields = fieldsOf(expression);
  const dayFits = new Map<number, boolean>();
  // A table of the day's minutes: it is asked a million times for each expression.
  const minuteFits = Array.from(
    { length: 1_440 },
    (_, minute) => fields.minutes.has(minute % 60) && fields.hours.has(Math.floor(minute / 60)),
  );
  const fits = (local: number): boolean => {
    const ofDay = local % 1_440;
    if (!minuteFits[ofDay]) return false;
    const day = (local - ofDay) / 1_440;
    if (!dayFits.has(day)) dayFits.set(day, fields.fitsDay(new Date(day * DAY)));
    return dayFits.get(day)!;
  };
  const slots = new Set<number>();
  /** The latest local time that has had its turn. */
  let reached = table.local[0]! - 1;
  // By index: an iterator over a million minutes takes longer than all that is done with them.
  for (let minute = 0; minute < table.local.length; minute += 1) {
    const local = table.local[minute]!;
    const at = table.from + minute * MINUTE;
    if (!fields.fixedHours) {
      if (fits(local)) slots.add(at);
      continue;
    }
    // More than one where the clocks were set forward, none where they were set back.
    for (let one = reached + 1; one <= local; one += 1) if (fits(one)) slots.add(at);
    reached = Math.max(reached, local);
  }
  return [...slots];
}
