import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { HttpRefusal } from "./errors/refusal.ts";
import { pageHeaders } from "./access/security-headers.ts";

export interface StaticPageOptions {
  /** Folder of the built page. Null if it was not built. */
  readonly dir: string | null;
  /** The reason why the page is not served. Null if it is. */
  readonly refusal: string | null;
}

const NOT_BUILT = "GraphiQL is not built; run npm run build. The API itself is at /graphql.";
const PREFIX = "/graphiql/";

/** GraphiQL at `/graphiql`: static files without secrets, so that no token is required. */
export async function addStaticPage(fastify: FastifyInstance, options: StaticPageOptions): Promise<void> {
  fastify.get("/", async (_request, reply) => reply.redirect("/graphiql", 302));
  const refusal = options.refusal ?? (options.dir === null ? NOT_BUILT : null);
  if (refusal !== null || options.dir === null) {
    const refuse = async (): Promise<never> => {
      throw new HttpRefusal(404, "NOT_FOUND", refusal ?? NOT_BUILT);
    };
    fastify.get("/graphiql", refuse);
    fastify.get(`${PREFIX}*`, refuse);
    return;
  }
  await addFiles(fastify, options.dir);
}

async function addFiles(fastify: FastifyInstance, dir: string): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: dir,
    prefix: PREFIX,
    // There are routes only for the files that exist at start.
    wildcard: false,
    globIgnore: ["**/*.br"],
    index: false,
    dotfiles: "ignore",
    preCompressed: true,
    cacheControl: false,
  });
  fastify.get("/graphiql", sendIndex);
  fastify.get(PREFIX, sendIndex);
  // Every reply under /graphiql gets the page's policy, also for missing files.
  fastify.addHook("onSend", async (request, reply) => {
    if (!request.url.startsWith("/graphiql") || reply.statusCode >= 400) return;
    const isAsset = request.url.startsWith(`${PREFIX}assets/`);
    void reply.headers({
      ...pageHeaders(request.headers.host ?? ""),
      vary: "accept-encoding",
      // The names of assets change with their content. The page names them, so it is not cached.
      "cache-control": isAsset ? "public, max-age=31536000, immutable" : "no-cache",
    });
  });
}

function sendIndex(_request: unknown, reply: FastifyReply): FastifyReply {
  return reply.sendFile("index.html");
}
