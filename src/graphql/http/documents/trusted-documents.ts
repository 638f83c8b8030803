import { readFileSync } from "node:fs";
import { ConfigError } from "../../../errors.ts";
import { HttpRefusal } from "../errors/refusal.ts";

/** The parts of a request that name a document. */
export interface DocumentRequest {
  readonly query?: string | null | undefined;
  /** Hash of the document. `sha256:` may precede it. */
  readonly documentId?: unknown;
  /** `persistedQuery.sha256Hash` is the hash, as Apollo Client sends it. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * The documents that a server executes if it executes no others: those of its clients' code. A
 * client sends the hash of one, or its text.
 */
export class TrustedDocuments {
  readonly #documents: ReadonlySet<string>;

  /** @param byHash documents by their hash */
  constructor(readonly byHash: ReadonlyMap<string, string>) {
    this.#documents = new Set(byHash.values());
  }

  /**
   * Reads a manifest: a JSON object of documents by their hash, as the client preset of graphql-codegen
   * writes it (`persisted-documents.json`).
   *
   * @throws ConfigError
   */
  static read(file: string): TrustedDocuments {
    const entries = Object.entries(readManifest(file));
    for (const [hash, text] of entries)
      if (typeof text !== "string" || text.trim() === "")
        throw wrongManifest(file, `an object of strings, got another value at ${JSON.stringify(hash)}`);
    return new TrustedDocuments(new Map(entries as [string, string][]));
  }

  /**
   * Returns the source of the document that a request names.
   * @throws HttpRefusal for any other document
   */
  textOf({ query, documentId, extensions }: DocumentRequest): string {
    const hash = typeof documentId === "string" ? documentId : hashOf(extensions);
    const text = hash === undefined ? undefined : this.byHash.get(hash.replace(/^sha256:/, ""));
    if (text !== undefined) return text;
    if (query && this.#documents.has(query)) return query;
    const message =
      "This server executes only the documents of its manifest (LOVAGE_TRUSTED_DOCUMENTS), and this is not one of them. Build the manifest again from the client's code, and restart the server with it.";
    throw new HttpRefusal(403, "DOCUMENT_NOT_TRUSTED", message);
  }
}

function hashOf(extensions: DocumentRequest["extensions"]): string | undefined {
  const hash = (extensions?.["persistedQuery"] as { readonly sha256Hash?: unknown } | undefined)?.sha256Hash;
  return typeof hash === "string" ? hash : undefined;
}

function readManifest(file: string): object {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw wrongManifest(file, `a readable file (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Also not the object that the message below names.
  }
  throw wrongManifest(file, "a JSON object of documents by their hash");
}

function wrongManifest(file: string, expected: string): ConfigError {
  return new ConfigError([
    `trustedDocuments (LOVAGE_TRUSTED_DOCUMENTS): expected ${expected}, in ${file}. graphql-codegen's client preset writes it as persisted-documents.json.`,
  ]);
}
