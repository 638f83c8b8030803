/**
 * The costs of the parts of an operation. One unit is about the work of resolving one field of one
 * object. Settings and the GraphQL API both use them, and neither room imports the other.
 */
export const DEFAULT_WEIGHTS = {
  /** Each field of each object. */
  field: 1,
  /** Each row that a list reads. */
  row: 4,
  /** Each read of the database, once per parent object. */
  read: 10,
  /** A list with `filter.search`, which reads the JSON of many rows. */
  search: 4_000,
  /** `totalCount` and `totalCountIsExact`. */
  count: 500,
  /** `facets`. */
  facets: 1_000,
  /** Statistics of one window, and failure groups. */
  statistics: 10,
  /** Each run that a preview computes. A solar run costs five times as much. */
  preview: 10,
  /** A mutation. */
  mutation: 10,
  /** Each task or ID in an array argument of a mutation. */
  item: 1,
  /** Each field of `__schema` and `__type`. */
  introspection: 0.05,
} as const;

export type WeightName = keyof typeof DEFAULT_WEIGHTS;
export type CostWeights = Readonly<Record<WeightName, number>>;
