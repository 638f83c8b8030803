import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./page.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { type ReactElement, StrictMode, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";

import { FitLines, FollowSystemTheme } from "./editors.tsx";
import { createFetcher, sameOrigin } from "./fetcher.ts";
import { type Project, readProject } from "./project.ts";
import { exampleTabs } from "./tabs.ts";
import { TokenForm } from "./token-form.tsx";

/** On a narrower screen there is no room for the docs beside the editors. */
const WIDE = "(min-width: 800px)";

// GraphiQL stores its tabs at once, so their absence means a first visit.
const firstVisit = localStorage.getItem("graphiql:tabState") === null;
const endpoint = sameOrigin(new URL(location.href));
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

function Page({ first }: { readonly first: Project }): ReactElement {
  const [project, setProject] = useState(first);
  if (project.access === "locked") {
    const open = (token: string): void => void readProject(endpoint.http, token).then(setProject);
    return <TokenForm wasRefused={project.refused !== null} onToken={open} />;
  }
  return <Explorer {...project} />;
}

function Explorer({ token, definitions }: Extract<Project, { access: "open" }>): ReactElement {
  const fetcher = useMemo(() => createFetcher(endpoint, token), [token]);
  const tabs = useMemo(() => exampleTabs(definitions).map(({ query }) => ({ query })), [definitions]);
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={tabs}
      shouldPersistHeaders={false}
      inputValueDeprecation
      {...(firstVisit && matchMedia(WIDE).matches && { visiblePlugin: "Documentation Explorer" })}
    >
      <GraphiQL.Logo>Lovage</GraphiQL.Logo>
      <FitLines />
      <FollowSystemTheme />
    </GraphiQL>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
const first = await readProject(endpoint.http, null);
createRoot(root).render(
  <StrictMode>
    <Page first={first} />
  </StrictMode>,
);
