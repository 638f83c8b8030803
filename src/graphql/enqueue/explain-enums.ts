import { DECIDERS, DUPLICATE_KEYS } from "../../engine/enqueue/explainer.ts";
import { enumOf } from "../enums.ts";

export const DeciderEnum = enumOf(DECIDERS, {
  name: "Decider",
  description: "Who decided something about a task.",
  values: {
    CALL: "The caller said it.",
    DEFINITION: "The task definition says it.",
    ROUTE: "One of the app's routes says it.",
    DEFAULT: "Nobody says it.",
  },
});

export const DuplicateKeyEnum = enumOf(DUPLICATE_KEYS, {
  name: "DuplicateKey",
  description: "By which key a task is there already.",
  values: {
    UNIQUE_KEY: "An unfinished task has the same `uniqueKey`.",
    IDEMPOTENCY_KEY: "A task has the same `idempotencyKey`, name and input.",
  },
});
