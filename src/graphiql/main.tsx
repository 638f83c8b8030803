import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./page.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { FitLines, FollowSystemTheme } from "./editors.tsx";
import { createFetcher, sameOrigin } from "./fetcher.ts";
import { exampleTabs } from "./tabs.ts";

// GraphiQL stores its tabs at once, so their absence means a first visit.
const firstVisit = localStorage.getItem("graphiql:tabState") === null;
const fetcher = createFetcher(sameOrigin(new URL(location.href)));
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const defaultTabs = exampleTabs.map(({ query, variables }) => ({ query, variables: variables ?? null }));

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={defaultTabs}
      shouldPersistHeaders={false}
      inputValueDeprecation
      {...(firstVisit && { visiblePlugin: "Documentation Explorer" })}
    >
      <GraphiQL.Logo>Lovage</GraphiQL.Logo>
      <FitLines />
      <FollowSystemTheme />
    </GraphiQL>
  </StrictMode>,
);
