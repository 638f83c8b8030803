import { toCanonicalJson } from "../../lib/json/json.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import {
  type ContractBreak,
  contractBreaks,
  contractOf,
  type DefinitionContract,
} from "../../task/contract/definition-contract.ts";
import { mutationFieldOf } from "../../task/definition/names.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { checkWaitingInput, type InputProblem } from "./check-inputs.ts";
import type { Production, WaitingInput } from "./production.ts";

/** What a deployment of the code breaks. */
export interface ContractFinding {
  readonly definition: string;
  readonly verdict: "bad" | "warning";
  /** Who or what breaks. */
  readonly affects: "tasks" | "schedules" | "callers" | "readers";
  readonly what: string;
  readonly remedy: string;
  /** Number of inputs; null for findings about schemas. */
  readonly count: number | null;
  /** Ids of the first tasks, or names of the first schedules. */
  readonly examples: readonly string[];
}

export interface ContractReport {
  /** Sorted by definition. */
  readonly findings: readonly ContractFinding[];
  readonly definitions: number;
  readonly tasks: number;
  readonly schedules: number;
}

/** Compares the code with production. */
export async function compareWith(production: Production, registry: Registry): Promise<ContractReport> {
  const inputs = new InputFindings(registry);
  for await (const input of production.inputs) await inputs.add(input);
  const findings = [...schemaFindings(production, registry), ...inputs.findings(production)];
  return {
    findings: findings.sort((a, b) => compareText(a.definition, b.definition)),
    definitions: production.definitions.length,
    ...inputs.counts,
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const REMEDIES = {
  callers: "Accept the old form too until all callers are changed.",
  readers: "Return the old form too until all readers are changed.",
} as const;

function schemaFindings({ definitions, running }: Production, registry: Registry): ContractFinding[] {
  return definitions.flatMap((before): ContractFinding[] => {
    const definition = registry.get(before.name);
    const found = { definition: before.name, verdict: "bad", count: null, examples: [] } as const;
    if (definition)
      return contractBreaks(before, contractOf(definition)).map(({ affects, path, what }: ContractBreak) => ({
        ...{ ...found, affects, what: `${path}: ${what}, which breaks ${affects}.` },
        remedy: REMEDIES[affects],
      }));
    if (!running.has(before.name)) return [];
    const by = before.inputSchema === null ? "by its name" : `by ${mutationFieldOf(before.name)}`;
    const what = `the code does not define it, which breaks callers that enqueue it ${by}.`;
    return [{ ...found, affects: "callers" as const, what, remedy: goneRemedy(before, registry) }];
  });
}

function goneRemedy(before: Pick<DefinitionContract, "name" | "inputSchema">, registry: Registry): string {
  const schema = toCanonicalJson(before.inputSchema);
  const renamed = registry
    .all()
    .find(({ inputJsonSchema }) => inputJsonSchema !== null && toCanonicalJson(inputJsonSchema) === schema);
  const near = renamed
    ? [`Did you rename it to "${renamed.name}"?`]
    : (didYouMean(before.name, registry.names(), undefined) ?? []);
  return [near, "Keep it under this name until nothing uses it."].flat().join(" ");
}

/** Problems that differ by their text are kept up to this number. The rest is only counted. */
const MAX_GROUPS = 500;
const MAX_EXAMPLES = 3;

type Reason = "gone" | "partial" | "refused";

interface Group extends Pick<WaitingInput, "definition" | "kind" | "isActive"> {
  readonly reason: Reason;
  /** The first of equal problems; null for the other reasons. */
  readonly problem: InputProblem | null;
  readonly examples: string[];
  count: number;
}

/** Checks inputs one by one, and counts equal problems together: memory does not grow with the inputs. */
class InputFindings {
  readonly #groups = new Map<string, Group>();
  readonly #counts = { task: 0, schedule: 0 };

  constructor(private readonly registry: Registry) {}

  get counts(): Pick<ContractReport, "tasks" | "schedules"> {
    return { tasks: this.#counts.task, schedules: this.#counts.schedule };
  }

  async add(input: WaitingInput): Promise<void> {
    this.#counts[input.kind] += 1;
    const definition = this.registry.get(input.definition);
    if (!definition) return this.#count(input, "gone", null);
    const { problems, isPartial } = await checkWaitingInput(definition, input);
    for (const problem of problems) this.#count(input, "refused", problem);
    if (isPartial && problems.length === 0) this.#count(input, "partial", null);
  }

  #count(input: WaitingInput, reason: Reason, problem: InputProblem | null): void {
    const { kind, definition, isActive } = input;
    const key = JSON.stringify([definition, kind, reason, isActive, problem?.place, problem?.rule]);
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) return;
      group = { kind, definition, isActive, reason, problem, examples: [], count: 0 };
      this.#groups.set(key, group);
    }
    group.count += 1;
    if (group.examples.length < MAX_EXAMPLES) group.examples.push(input.id);
  }

  findings({ definitions }: Production): ContractFinding[] {
    return [...this.#groups.values()].map((group) => {
      const { definition, reason, count, examples, isActive, kind } = group;
      const before = definitions.find(({ name }) => name === definition) ?? {
        name: definition,
        inputSchema: null,
      };
      return {
        definition,
        verdict: reason === "partial" || !isActive ? "warning" : "bad",
        affects: kind === "task" ? "tasks" : "schedules",
        what: describe(group),
        remedy: remedyOf(group, before, this.registry),
        count,
        examples,
      };
    });
  }
}

function describe({ kind, reason, count, examples, isActive, problem }: Group): string {
  const noun = kind === "task" ? "unfinished task" : `${isActive ? "" : "disabled "}schedule`;
  const names = kind === "task" ? examples : examples.map((name) => `"${name}"`);
  const more = count > names.length ? ` and ${count - names.length} more` : "";
  const which = `${count} ${noun}${count === 1 ? "" : "s"} (${names.join(", ")}${more})`;
  const verb = count === 1 ? "needs" : "need";
  if (reason === "gone") return `the code does not define it, and ${which} ${verb} it.`;
  if (reason === "partial") return `${which}: sensitive values cannot be read here, and were not checked.`;
  return `${which}: ${problem!.text.replace(/\.$/, "")}.`;
}

function remedyOf(
  { kind, reason }: Group,
  before: Pick<DefinitionContract, "name" | "inputSchema">,
  registry: Registry,
): string {
  if (reason === "gone") return goneRemedy(before, registry);
  if (reason === "partial")
    return "Check against the database, with encryptionKeys (LOVAGE_ENCRYPTION_KEYS).";
  return kind === "task"
    ? `Accept this form until they have ended, or revoke them with \`lovage tasks revoke\`.`
    : "Accept this form, or change the args with `lovage schedule update`.";
}
