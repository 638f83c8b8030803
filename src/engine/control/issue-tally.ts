import { type Issue, MAX_ISSUES, RefusedError } from "../../errors.ts";

/** What is wrong with several requests: the first issues, and how many there are. Of those that are not shown it keeps only which request they belong to. */
export class IssueTally {
  readonly #shown: Issue[] = [];
  readonly #heads = new Set<string>();
  #count = 0;

  /** Takes the issues of one request out of the list. */
  take(issues: Issue[]): void {
    if (issues.length === 0) return;
    this.#count += issues.length;
    this.#heads.add(issues[0]!.path[0] ?? "");
    this.#shown.push(...issues.slice(0, MAX_ISSUES - this.#shown.length));
    issues.length = 0;
  }

  /** @throws RefusedError when anything was taken */
  refuse(): void {
    const [first, ...rest] = this.#shown;
    if (!first) return;
    const moreIssues = this.#count - this.#shown.length;
    throw new RefusedError([first, ...rest], { moreIssues, heads: this.#heads });
  }
}
