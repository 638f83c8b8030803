import { createHash } from "node:crypto";
import type { Logger } from "../../../lib/log/log.ts";
import { shorten, show } from "../../../lib/quote.ts";
import { messageOf } from "../../../lib/thrown.ts";
import type { Documents } from "./documents.ts";

/** Algorithms by the length of their hashes in hex: Relay's compiler, and graphql-codegen's two. */
const ALGORITHMS: Readonly<Record<number, string>> = { 32: "md5", 40: "sha1", 64: "sha256" };

/** What can be wrong with a document of a manifest. */
type Kind = "wrongHash" | "syntaxError" | "doesNotFitSchema";

/**
 * Logs one warning with the number and an example of each kind of fault in a manifest. A manifest
 * may serve clients of several releases, so a document that this one cannot execute is not an error.
 *
 * @param byHash documents by their hash; keys that are not in the form of a hash are names
 */
export function warnOfTrustedDocuments(
  byHash: ReadonlyMap<string, string>,
  documents: Documents,
  log: Logger,
): void {
  const faults = [...byHash].flatMap(([hash, text]) => faultsOf(hash, text, documents));
  if (faults.length === 0) return;
  const kinds = Map.groupBy(faults, ({ kind }) => kind);
  const fields = [...kinds].map(([kind, [first, ...others]]) => [
    kind,
    { count: others.length + 1, example: first!.text },
  ]);
  log.warn("The manifest of trusted documents has faults: build it again from the client's code", {
    documents: byHash.size,
    ...Object.fromEntries(fields),
  });
}

interface Fault {
  readonly kind: Kind;
  readonly text: string;
}

function faultsOf(hash: string, text: string, documents: Documents): readonly Fault[] {
  const fault = (kind: Kind, what: string): Fault => ({ kind, text: `${show(hash)}: ${shorten(what, 300)}` });
  const algorithm = /^[0-9a-f]+$/i.test(hash) ? ALGORITHMS[hash.length] : undefined;
  const isWrong = algorithm !== undefined && createHash(algorithm).update(text).digest("hex") !== hash;
  const wrongHash = isWrong ? [fault("wrongHash", `it is not the ${algorithm} of its document`)] : [];
  try {
    const document = documents.read(text);
    if ("code" in document) return [...wrongHash, fault("doesNotFitSchema", document.message)];
    const [invalid] = documents.validate(document);
    return invalid ? [...wrongHash, fault("doesNotFitSchema", invalid.message)] : wrongHash;
  } catch (error) {
    return [...wrongHash, fault("syntaxError", messageOf(error))];
  }
}
