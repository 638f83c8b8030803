import type { ExampleDefinition } from "./example-input.ts";

/** The state of the server that served the page. */
export type Project =
  | {
      readonly access: "open";
      readonly token: string | null;
      readonly definitions: readonly ExampleDefinition[] | null;
    }
  /** The server requires its token. */
  | { readonly access: "locked"; readonly refused: string | null };

const QUERY = "{ taskDefinitions { name mutationField inputSchema } }";
const UNAUTHORIZED = 401;

/**
 * Reads the task definitions of the server. GraphiQL sends its own requests and shows their errors.
 */
export async function readProject(url: string, token: string | null): Promise<Project> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: QUERY }),
    });
    if (response.status === UNAUTHORIZED) return { access: "locked", refused: token };
    const { data } = (await response.json()) as { data?: { taskDefinitions: ExampleDefinition[] } | null };
    return { access: "open", token, definitions: data?.taskDefinitions ?? null };
  } catch {
    return { access: "open", token, definitions: null };
  }
}
