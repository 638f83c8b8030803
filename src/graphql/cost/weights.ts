/** What the parts of an operation cost. One unit is about the work of resolving one field of one object. */
export const DEFAULT_WEIGHTS = {
  /** Each field of each object. */
  field: 1,
  /** Each row that a list reads. */
  row: 4,
  /** Each read of the database, once per parent object. */
  read: 10,
  /** A list with `filter.search`: it reads the JSON of many rows. */
  search: 4_000,
  /** `totalCount` and `totalCountIsExact`. */
  count: 500,
  /** `facets`. */
  facets: 1_000,
  /** Statistics of one window, and failure groups. */
  statistics: 10,
  /** Each run that a preview computes; of the sun five times that. */
  preview: 10,
  /** A mutation. */
  mutation: 10,
  /** Each task or id that a mutation is given in a list. */
  item: 1,
  /** Each field of `__schema` and `__type`. */
  introspection: 0.05,
} as const;

export type WeightName = keyof typeof DEFAULT_WEIGHTS;
export type CostWeights = Readonly<Record<WeightName, number>>;
