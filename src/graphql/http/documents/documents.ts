import { Lru } from "../../../lib/lru.ts";
import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
} from "graphql";
import { isEnqueuing } from "../../enqueuing-fields.ts";
import { findLimitProblem, QUERY_LIMITS, type LimitProblem, type QueryLimits } from "./query-limits.ts";

// Limits the cache: a parsed document takes about 30 times the memory of its source.
const MAX_CACHED_TEXT = 512 * 1024;
const MAX_CACHED_DOCUMENT = 16 * 1024;

/**
 * Parses documents, checks their limits and validates them. Caches documents in use, so that each
 * is processed once.
 */
export class Documents {
  readonly #parsed = new Lru<string, DocumentNode>({
    max: MAX_CACHED_TEXT,
    sizeOf: (source) => source.length,
  });
  readonly #verdicts = new WeakMap<DocumentNode, readonly GraphQLError[]>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly options: { readonly introspection: boolean },
    private readonly limits: QueryLimits = QUERY_LIMITS,
  ) {}

  /**
   * Returns the parsed document, which is within the limits but not validated yet, or the limit
   * that it exceeds. Throws the parser's GraphQLError for wrong syntax.
   */
  read(source: string): DocumentNode | LimitProblem {
    const cached = this.#parsed.get(source);
    if (cached) return cached;
    const document = this.#parse(source);
    if ("code" in document) return document;
    const problem = findLimitProblem(document, this.limits);
    if (problem) return problem;
    if (source.length <= MAX_CACHED_DOCUMENT) this.#parsed.set(source, document);
    return document;
  }

  /** Returns the validation errors of a document that {@link read} returned. */
  validate(document: DocumentNode): readonly GraphQLError[] {
    const known = this.#verdicts.get(document);
    if (known) return known;
    const rules = this.options.introspection
      ? specifiedRules
      : [...specifiedRules, NoSchemaIntrospectionCustomRule];
    const errors = validate(this.schema, document, rules);
    this.#verdicts.set(document, errors);
    return errors;
  }

  /** Whether a subscription of a document enqueues a task. */
  enqueues(document: DocumentNode): boolean {
    const info = new TypeInfo(this.schema);
    let found = false;
    visit(
      document,
      visitWithTypeInfo(info, { Field: () => void (found ||= isEnqueuing(info.getFieldDef())) }),
    );
    return found;
  }

  #parse(source: string): DocumentNode | LimitProblem {
    const { maxTokens } = this.limits;
    try {
      return parse(source, { maxLexicalTokens: maxTokens });
    } catch (error) {
      // The parser is recursive: deeply nested lists can exhaust the stack.
      if (error instanceof RangeError)
        return { code: "DEPTH_LIMIT", message: "The query is nested too deep to be read." };
      if (!(error instanceof GraphQLError) || !/more tha[nt] \d+ tokens/.test(error.message)) throw error;
      return {
        code: "TOKEN_LIMIT",
        message: `The query has more than ${maxTokens} tokens; send several smaller ones.`,
      };
    }
  }
}
