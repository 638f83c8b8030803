import { PrismaPg } from "@prisma/adapter-pg";
import * as runtime from "@prisma/client/runtime/client";

/** The part of a Prisma client that needs no models. */
export interface PrismaClient {
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): Promise<unknown>;
  $executeRawUnsafe(sql: string): Promise<number>;
  $transaction<Result>(work: (tx: PrismaClient) => Promise<Result>): Promise<Result>;
  $disconnect(): Promise<void>;
}

/** The types of the project are those of Node, which leave it out. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: { compile(bytes: Buffer): Promise<object> };
};
const COMPILER = "@prisma/client/runtime/query_compiler_fast_bg.postgresql";

/**
 * Prisma's own runtime, as `prisma generate` uses it for a schema without models. The generator
 * itself downloads a binary, and is twice as large as all else that the tests need.
 */
const Client = runtime.getPrismaClient({
  previewFeatures: [],
  clientVersion: "7.10.0",
  engineVersion: "0edf323efd1d98336f3f0a68684b56f689b900d3",
  activeProvider: "postgresql",
  inlineSchema: `datasource db {\n  provider = "postgresql"\n}\n`,
  runtimeDataModel: { models: {}, enums: {}, types: {} },
  parameterizationSchema: { strings: [], graph: "AAAAAAAA" },
  compilerWasm: {
    getRuntime: () => import(`${COMPILER}.mjs`),
    getQueryCompilerWasmModule: async () => {
      const { wasm } = (await import(`${COMPILER}.wasm-base64.mjs`)) as { readonly wasm: string };
      return WebAssembly.compile(Buffer.from(wasm, "base64"));
    },
    importName: "./query_compiler_fast_bg.js",
  },
}) as unknown as new (options: object) => PrismaClient;

export function openPrisma(connectionString: string): PrismaClient {
  return new Client({ adapter: new PrismaPg({ connectionString, max: 2 }) });
}
