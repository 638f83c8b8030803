/**
 * Where (counted from 0) a text stops being JSON, by the error that `JSON.parse` threw for it; null when that cannot be told.
 * V8 names the position in most of its messages. In the others it quotes the text around the bad character, ten to each side.
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

/** The first occurrence of the bad character up to which the text could be the beginning of JSON. */
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
    // Within a string every character is fine, so that the bad one comes later.
    if (message.startsWith("Unterminated string")) return false;
    return (
      message.startsWith("Unexpected end of JSON input") || message.includes(`at position ${text.length} `)
    );
  }
}
