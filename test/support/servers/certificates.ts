import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { ensureProgram } from "./debian.ts";

/** Paths of a certificate and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** Of the authority that signed the others. */
  readonly ca: string;
  /** For a server at 127.0.0.1. */
  readonly server: KeyPair;
  readonly client: KeyPair;
  /** Signed by itself: nobody's. */
  readonly other: KeyPair;
}

/** Makes an authority and certificates with openssl, as PEM files in a folder, good for a day. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const openssl = await ensureProgram("openssl", "openssl");
  const run = (...args: string[]): Promise<unknown> => promisify(execFile)(openssl, args, { cwd: folder });
  const pair = (name: string): KeyPair => ({
    cert: join(folder, `${name}.crt`),
    key: join(folder, `${name}.key`),
  });
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  const selfSigned = (name: string): Promise<unknown> =>
    run("req", "-x509", ...fresh, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.crt`);
  const signed = async (name: string): Promise<void> => {
    await run("req", ...fresh, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1"];
    await run("x509", "-req", "-in", `${name}.csr`, ...authority, "-extfile", "names", "-out", `${name}.crt`);
  };
  await writeFile(join(folder, "names"), "subjectAltName=IP:127.0.0.1\n");
  await Promise.all([selfSigned("ca"), selfSigned("other")]);
  await signed("server");
  await signed("client");
  return { ca: pair("ca").cert, server: pair("server"), client: pair("client"), other: pair("other") };
}
