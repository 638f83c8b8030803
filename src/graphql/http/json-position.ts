/**
 * Returns the index at which a string stops being JSON, by the error of `JSON.parse`, or null if it
 * is unknown. Most messages of V8 name the position. The others quote ten characters on each side
 * of the bad one.
 */
export function findJsonErrorPosition(text: string, error: unknown): number | null {
  const message = error instanceof Error ? error.message : "";
  const named = /at position (\d+)/.exec(message);
  if (named) return Number(named[1]);
  if (message.startsWith("Unexpected end of JSON input")) return text.length;
  return findQuoted(text, message);
}

const CONTEXT = 10;

function findQuoted(text: string, message: string): number | null {
  const quote = /^Unexpected token '(.+?)', (\.{3})?"([\s\S]*)"(\.{3})? is not valid JSON$/u.exec(message);
  if (!quote) return null;
  const [, token = "", cutBefore, quoted = "", cutAfter] = quote;
  if (!cutBefore && !cutAfter) return findInShort(text, token);
  if (!cutBefore) return quoted.length - CONTEXT;
  if (!cutAfter) return text.length - quoted.length + CONTEXT;
  const first = text.indexOf(quoted);
  return first !== -1 && first === text.lastIndexOf(quoted) ? first + CONTEXT : null;
}

/**
 * Returns the first occurrence of the bad character up to which the string could be the start of
 * JSON.
 */
function findInShort(text: string, token: string): number | null {
  for (let at = text.indexOf(token); at !== -1; at = text.indexOf(token, at + 1)) {
    if (isBeginning(text.slice(0, at))) return at;
  }
  return null;
}

function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    // Within a JSON string every character is valid, so the bad one comes later.
    if (message.startsWith("Unterminated string")) return false;
    return (
      message.startsWith("Unexpected end of JSON input") || message.includes(`at position ${text.length} `)
    );
  }
}
