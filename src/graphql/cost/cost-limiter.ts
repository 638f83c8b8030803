import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from "graphql";
import type { KnownSizes } from "./field-rules.ts";
import { type CostModel, costOfOperation, type OperationCost } from "./operation-cost.ts";
import { type CostWeights, DEFAULT_WEIGHTS } from "../../task/limits/cost-weights.ts";

export interface CostSettings {
  /** Maximum cost of a query or mutation. */
  readonly maxCost: number;
  /** Maximum cost of one event of a subscription. */
  readonly maxEventCost: number;
  readonly weights: CostWeights;
  readonly sizes: KnownSizes;
}

export const COST_SETTINGS = {
  maxCost: 20_000,
  maxEventCost: 2_000,
  weights: DEFAULT_WEIGHTS,
  sizes: { taskDefinitions: 100 },
} as const satisfies CostSettings;

/** The cost of an operation, as `extensions.cost` of its reply. */
export interface CostReport {
  readonly requested: number;
  readonly limit: number;
}

/** Refuses operations that cost too much, before they run. */
export class CostLimiter {
  readonly #model: CostModel;

  constructor(
    schema: GraphQLSchema,
    private readonly settings: CostSettings = COST_SETTINGS,
  ) {
    this.#model = { schema, weights: settings.weights, sizes: settings.sizes };
  }

  /**
   * Returns the cost of an operation of a valid document. Variables need not have been coerced.
   *
   * @throws GraphQLError (COST_LIMIT) if the cost is over the limit
   */
  check(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>> | null | undefined,
  ): CostReport {
    const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
    const limit = isSubscription ? this.settings.maxEventCost : this.settings.maxCost;
    const cost = costOfOperation(this.#model, document, operation, variables);
    const report = { requested: cost.requested, limit };
    if (cost.requested > limit) throw tooDear(cost, report, isSubscription);
    return report;
  }
}

function tooDear(cost: OperationCost, report: CostReport, isSubscription: boolean): GraphQLError {
  const { path, cost: share } = cost.heaviest();
  const field = path.join(".");
  const [what, setting] = isSubscription
    ? ["An event of this subscription", "maxEventCost (LOVAGE_MAX_EVENT_COST)"]
    : ["This operation", "maxCost (LOVAGE_MAX_COST)"];
  return new GraphQLError(
    `${what} costs ${report.requested}; the limit is ${report.limit}. The field ${field} costs ${share} of it. ` +
      `Ask for fewer objects (a smaller "first") or fewer fields, or send several operations; the server's ${setting} sets the limit.`,
    {
      extensions: { code: "COST_LIMIT", cost: { ...report, field, fieldCost: share }, http: { status: 400 } },
    },
  );
}
