// The word list: fails on words that the glossary and the style of this project replace. It reads
// the comments and the strings of the sources, the documentation, schema.graphql, and the titles of
// tests. `npm run words [-- path …]`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Each word that is not used, and what to write instead. */
const WORDS = [
  [/(?<!\b(?:there|here) )\b(?:is|are|was) no\b(?! (?:longer|more|less|different))/i, "is not a"],
  [/\btold\b/i, "sent, reported, passed, notified"],
  [/\btells?\b/i, "sends, reports, shows, distinguishes"],
  [/\bhear(?:s|d)?\b/i, "receives, is notified"],
  [/\b(?:says?|said|saying)\b/i, "reports, states, returns, logs, shows"],
  [/\banew\b/i, "again"],
  [/\btexts\b/i, "strings"],
  [/\b(?:a|the) text (?:that|of|for|to|from|is|or|in)\b/i, "string"],
  [/\blists? of (?:texts|names|strings|numbers|objects)\b/i, "array of"],
  [/\bof (?:its|their|our|your|one's) own\b/i, "own, separate"],
  [/\bfor ever\b/i, "forever"],
  [/\ball the same\b/i, "still, nevertheless"],
  [/\bat present\b/i, "now, currently"],
  [/\bspans?\b/i, "duration, period"],
  [/\bovertak(?:e|es|en|ing)\b|\bovertook\b/i, "stale, arrives after"],
  [/\btak(?:e|es|en|ing) over\b|\btook over\b|\btake-?overs?\b/, "claim idle, rescue, requeue, key handover"],
  [/\bhand(?:s|ed|ing)? back\b/i, "requeue, return"],
  [/\bsigns? of life\b/i, "heartbeat"],
  [/\bwho(?:ever|soever)\b/i, "the caller, the client, anyone who"],
  [/(?<!at the |for the |few )\bmoments?\b/i, "time, timestamp, instant"],
  [/\bin vain\b/i, "without result"],
  [/\bever new\b/i, "new"],
  [/\bnothing but\b/i, "only"],
  [/\bbegun\b/i, "started"],
  [/\b(?:those|these) that (?:it|they|he) (?:is|are)\b/i, "name them"],
  [/\bis not to be\b/i, "must not be"],
  [/\bput (?:away|by)\b/i, "store, store externally, keep"],
  [/\b(?:gives?|gave|given) back\b/, "requeue, return, release"],
  [/\b(?:takes?|took|taken) back\b/i, "rescue"],
  [/\btakes? on\b|\btook on\b|\btaken on\b/i, "fetch"],
  [/\blast chances?\b/i, "poison isolation"],
  [/\bleft hints?\b/i, "unclaimed hints"],
  [/\bintakes?\b/i, "fetcher"],
  [/\bholdings?\b/i, "in-flight tasks"],
  [/\blanes?\b/i, "partition"],
  [/\boutlooks?\b|\bprospects?\b/i, "dry run"],
  [/\bupkeep\b/i, "maintenance"],
  [/\belsewhere\b/i, "executor, in another place"],
  [/\bbusy-watch\b/i, "event-loop monitor"],
  [/\blest\b|\bthereof\b|\bhence\b|\bthus\b|\bwhereby\b|\bherein\b|\bamiss\b|\baright\b/i, "a plain word"],
];

/** A tag of JSDoc begins its line, where editors and readers look for it. */
const TAG_IN_LINE = /^\s*(?:\/\*)?\*+\s*[^\s@*].*\s@(?:param|returns|throws)\b/;

/** Descriptions of the schema begin with a subject or a verb, not with a relative clause. */
const HEADLESS = /^(?:What|Who|Whom|Why|That|Those|Whatever|Whoever)\b/;

/** Titles of tests begin with a subject or a verb, too, and name the subject. */
const TITLE_WORDS = [
  [/^(?:what|who|whom|whatever|whoever)\b/i, "begin with a subject"],
  [/\b(?:nobody|somebody)\b/i, "no client, no worker, another session"],
];

/** The glossary names the words that are avoided. */
const EXEMPT = new Set(["docs/glossary.md"]);

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const paths = process.argv.slice(2);
const files = execFileSync(
  "git",
  ["ls-files", "--", ...(paths.length > 0 ? paths : ["src", "docs", "test", "*.md", "schema.graphql"])],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter(
    (file) => /\.(?:tsx?|md|graphql)$/.test(file) && !file.includes("/generated/") && !EXEMPT.has(file),
  );

let found = 0;
for (const file of files) {
  const text = readFileSync(join(root, file), "utf8");
  if (file.startsWith("test/")) {
    checkTitles(file, text);
    continue;
  }
  const read = /\.tsx?$/.test(file) ? proseOf(text) : text;
  for (const [index, line] of read.split("\n").entries()) {
    for (const [word, instead] of WORDS) {
      const hit = word.exec(line);
      if (hit) report(file, index + 1, `"${hit[0]}": write ${instead}`);
    }
  }
  if (file.endsWith(".ts")) {
    for (const [index, line] of text.split("\n").entries())
      if (TAG_IN_LINE.test(line)) report(file, index + 1, "a tag of JSDoc in the line: begin a line with it");
  }
  if (file.endsWith(".graphql")) {
    for (const hit of text.matchAll(/"""\s*([^"]+?)"""/g)) {
      if (HEADLESS.test(hit[1]))
        report(
          file,
          text.slice(0, hit.index).split("\n").length,
          `"${hit[1].slice(0, 40)}": begin with a subject`,
        );
    }
  }
}
if (found > 0) {
  process.stderr.write(`${found} words of the list; docs/glossary.md has the words of this project.\n`);
  process.exit(1);
}

/** Of tests, only the titles: what a failing run prints. */
function checkTitles(file, text) {
  const title =
    /(?:\b(?:it|test|describe)(?:\.\w+)*|\))\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)/g;
  for (const hit of text.matchAll(title)) {
    const words = hit[1].slice(1, -1);
    const line = text.slice(0, hit.index + hit[0].length).split("\n").length;
    for (const [word, instead] of [...WORDS, ...TITLE_WORDS]) {
      const old = word.exec(words);
      if (old) report(file, line, `"${old[0]}" in a title: write ${instead}`);
    }
  }
}

function report(file, line, message) {
  found += 1;
  process.stdout.write(`${file}:${line}: ${message}\n`);
}

/** The source with all but comments and strings blanked, line by line. */
function proseOf(source) {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/g;
  let prose = "";
  let end = 0;
  for (const hit of source.matchAll(token)) {
    prose += source.slice(end, hit.index).replaceAll(/[^\n]/g, " ");
    prose += /^["']\.{0,2}\//.test(hit[0]) ? hit[0].replaceAll(/[^\n]/g, " ") : hit[0];
    end = hit.index + hit[0].length;
  }
  return prose + source.slice(end).replaceAll(/[^\n]/g, " ");
}
