import { show } from "../../lib/quote.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { isObject, resolveReference } from "../definition/json-schema.ts";
import { type Alternative, alternativesOf, typesOf, valuesOf } from "./schema-alternatives.ts";

/** A change of a schema that breaks those who send or read its values. */
export interface SchemaBreak {
  /** The path in the value; `*` stands for every item or key. */
  readonly path: readonly string[];
  /** What changed, such as `was string, is number`. */
  readonly what: string;
}

/**
 * Returns why callers break: what the old schema of an input accepts and the new one refuses. Null
 * stands for any JSON. Compares types, values, keys and limits. Keywords such as `not` and `if` are
 * not compared.
 */
export function inputBreaks(before: JsonObject | null, after: JsonObject | null): readonly SchemaBreak[] {
  return new Comparison("input", before ?? {}, after ?? {}).breaks();
}

/**
 * Returns why readers break: what the new schema of an output returns and the old one did not. New
 * fields and other limits break nobody.
 */
export function outputBreaks(before: JsonObject | null, after: JsonObject | null): readonly SchemaBreak[] {
  return new Comparison("output", after ?? {}, before ?? {}).breaks();
}

/** Deeper parts are not compared. */
const MAX_DEPTH = 32;
/** Of one pair of parts: schemas that use their definitions many times have many equal breaks. */
const MAX_BREAKS = 100;
const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"] as const;
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"] as const;
const EQUAL = ["format", "multipleOf", "uniqueItems"] as const;

/** A part of both schemas, at one path. */
interface Part {
  readonly sent: Json;
  readonly taken: Json;
  readonly path: readonly string[];
}

/**
 * Compares what one side sends with what the other takes. For an input the new schema takes, for an
 * output the old one: its readers.
 */
class Comparison {
  /** Parts that were compared, or are being compared: recursive schemas lead to them again. */
  readonly #compared = new Map<JsonObject, Map<JsonObject, readonly SchemaBreak[]>>();
  #depth = 0;

  constructor(
    private readonly side: "input" | "output",
    private readonly sentRoot: JsonObject,
    private readonly takenRoot: JsonObject,
  ) {}

  breaks(): readonly SchemaBreak[] {
    const found = this.#compare({ sent: this.sentRoot, taken: this.takenRoot, path: [] });
    const byText = new Map(found.map((one) => [JSON.stringify(one), one]));
    return [...byText.values()];
  }

  /** A pair of parts that is being compared already is not compared again. */
  #compare({ sent, taken, path }: Part): readonly SchemaBreak[] {
    if (this.#depth > MAX_DEPTH) return [];
    const known = this.#comparedWith(sent);
    const key = isObject(taken) ? (resolveReference(taken, this.takenRoot) ?? taken) : null;
    let breaks = key && known?.get(key);
    if (!breaks) {
      if (key) known?.set(key, []);
      this.#depth += 1;
      breaks = this.#compareParts(sent, taken).slice(0, MAX_BREAKS);
      this.#depth -= 1;
      if (key) known?.set(key, breaks);
    }
    return breaks.map((one) => ({ ...one, path: [...path, ...one.path] }));
  }

  /** Returns the breaks of a part that is sent, by the parts that take it. */
  #comparedWith(sent: Json): Map<JsonObject, readonly SchemaBreak[]> | null {
    if (!isObject(sent)) return null;
    const key = resolveReference(sent, this.sentRoot) ?? sent;
    const known = this.#compared.get(key) ?? new Map<JsonObject, readonly SchemaBreak[]>();
    this.#compared.set(key, known);
    return known;
  }

  /** Each alternative that is sent must be taken by one of the others. */
  #compareParts(sent: Json, taken: Json): readonly SchemaBreak[] {
    const takers = alternativesOf(taken, this.takenRoot);
    const senders = alternativesOf(sent, this.sentRoot);
    return senders.flatMap((sender) => {
      const tries = takers.map((taker) => ({ taker, breaks: this.#compareOne(sender, taker, []) }));
      if (tries.some(({ breaks }) => breaks.length === 0)) return [];
      const [best] = tries
        .filter(({ taker }) => isOfType(sender, taker))
        .sort((a, b) => a.breaks.length - b.breaks.length);
      return best?.breaks ?? [this.#changed([], typesOf(senders), typesOf(takers))];
    });
  }

  #compareOne(sender: Alternative, taker: Alternative, path: readonly string[]): readonly SchemaBreak[] {
    const values = valuesOf(taker);
    if (values !== null) return this.#compareValues(sender, taker, path);
    if (!isOfType(sender, taker)) return [this.#changed(path, typesOf([sender]), typesOf([taker]))];
    if (valuesOf(sender) !== null) return [];
    return [
      ...this.#compareKeys(sender, taker, path),
      ...this.#compareItems(sender, taker, path),
      ...(this.side === "input" ? this.#compareLimits(sender, taker, path) : []),
    ];
  }

  #compareValues(sender: Alternative, taker: Alternative, path: readonly string[]): readonly SchemaBreak[] {
    const [sent, taken] = [valuesOf(sender), valuesOf(taker)!];
    if (sent === null) return [this.#changed(path, typesOf([sender]), taken.map(show).join(" or "))];
    const known = new Set(taken.map((value) => JSON.stringify(value)));
    const unknown = sent.filter((value) => !known.has(JSON.stringify(value)));
    if (unknown.length === 0) return [];
    const list = unknown.map(show).join(", ");
    const what = this.side === "input" ? `the value ${list} is refused` : `the value ${list} is new`;
    return [{ path, what }];
  }

  #compareKeys(sender: Alternative, taker: Alternative, path: readonly string[]): readonly SchemaBreak[] {
    return [
      ...this.#compareSentKeys(sender, taker, path),
      ...this.#compareTakenKeys(sender, taker, path),
      ...this.#compareOtherKeys(sender, taker, path),
    ];
  }

  #compareSentKeys(sender: Alternative, taker: Alternative, path: readonly string[]): readonly SchemaBreak[] {
    const known = propertiesOf(taker);
    const { type, additionalProperties: others } = taker;
    return Object.entries(propertiesOf(sender)).flatMap(([key, sent]) => {
      const at = [...path, key];
      const taken = ownOf(known, key) ?? (isObject(others) ? others : undefined);
      if (taken !== undefined) return this.#compare({ sent, taken, path: at });
      // A schema without rules for other keys refuses them as typing errors.
      const isRefused = this.side === "input" && type === "object" && others !== true;
      return isRefused ? [{ path: at, what: "the field was removed" }] : [];
    });
  }

  #compareTakenKeys(
    sender: Alternative,
    taker: Alternative,
    path: readonly string[],
  ): readonly SchemaBreak[] {
    const [sent, required, given] = [propertiesOf(sender), requiredOf(taker), requiredOf(sender)];
    return Object.keys(propertiesOf(taker)).flatMap((key) => {
      const at = [...path, key];
      if (this.side === "output" && ownOf(sent, key) === undefined)
        return [{ path: at, what: "the field was removed" }];
      if (!required.has(key) || given.has(key)) return [];
      return [
        { path: at, what: this.side === "input" ? "the field is required" : "the field may be absent" },
      ];
    });
  }

  #compareOtherKeys(
    sender: Alternative,
    taker: Alternative,
    path: readonly string[],
  ): readonly SchemaBreak[] {
    const [sent, taken] = [sender["additionalProperties"], taker["additionalProperties"]];
    if (isObject(sent) && isObject(taken)) return this.#compare({ sent, taken, path: [...path, "*"] });
    const sendsOthers = sent === true || isObject(sent);
    const takesOthers = taken === true || isObject(taken) || taker["properties"] === undefined;
    return this.side === "input" && sendsOthers && !takesOthers
      ? [{ path: [...path, "*"], what: "other fields are refused" }]
      : [];
  }

  #compareItems(sender: Alternative, taker: Alternative, path: readonly string[]): readonly SchemaBreak[] {
    const [sent, taken] = [listOf(sender["prefixItems"]), listOf(taker["prefixItems"])];
    const places = Math.max(sent.length, taken.length);
    const breaks: SchemaBreak[] = [];
    for (let index = 0; index < places; index += 1) {
      const pair = [sent[index] ?? sender["items"], taken[index] ?? taker["items"]] as const;
      if (pair[0] !== undefined && pair[1] !== undefined)
        breaks.push(...this.#compare({ sent: pair[0], taken: pair[1], path: [...path, String(index)] }));
    }
    const [one, other] = [sender["items"], taker["items"]];
    if (isObject(other) && (places === 0 || isObject(one)))
      breaks.push(...this.#compare({ sent: one ?? {}, taken: other, path: [...path, "*"] }));
    return breaks;
  }

  #compareLimits(sender: Alternative, taker: Alternative, path: readonly string[]): readonly SchemaBreak[] {
    const isTighter = (key: string, than: (a: number, b: number) => boolean): boolean => {
      const [sent, taken] = [sender[key], taker[key]];
      return typeof taken === "number" && (typeof sent !== "number" || than(taken, sent));
    };
    // A library writes a format also as a pattern, which differs between its versions.
    const equal = taker["format"] === undefined ? [...EQUAL, "pattern"] : EQUAL;
    const tighter = [
      ...LOWER.filter((key) => isTighter(key, (a, b) => a > b)),
      ...UPPER.filter((key) => isTighter(key, (a, b) => a < b)),
      ...equal.filter((key) => taker[key] !== undefined && taker[key] !== sender[key]),
    ];
    return tighter.map((key) => {
      const before = sender[key] === undefined ? "" : `was ${show(sender[key])}, `;
      return { path, what: `${key} ${before}is ${show(taker[key])}` };
    });
  }

  #changed(path: readonly string[], sent: string, taken: string): SchemaBreak {
    const [before, after] = this.side === "input" ? [sent, taken] : [taken, sent];
    return { path, what: `was ${before}, is ${after}` };
  }
}

function isOfType(sender: Alternative, taker: Alternative): boolean {
  const [sent, taken] = [sender["type"], taker["type"]];
  return taken === undefined || sent === taken || (sent === "integer" && taken === "number");
}

function propertiesOf(schema: Alternative): JsonObject {
  return isObject(schema["properties"]) ? schema["properties"] : {};
}

function ownOf(properties: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function requiredOf(schema: Alternative): ReadonlySet<string> {
  return new Set(listOf(schema["required"]).map(String));
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
