import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";

/**
 * Wraps long lines, and fits 43 columns beside open docs on a 1440 pixel screen. GraphiQL has no
 * property for it.
 */
export function FitLines(): null {
  const editors = useGraphiQL((state) => [
    state.queryEditor,
    state.variableEditor,
    state.headerEditor,
    state.responseEditor,
  ]);
  useEffect(() => {
    for (const editor of editors) editor?.updateOptions({ wordWrap: "on", fontSize: 13 });
  }, [editors]);
  return null;
}

/** Updates the theme of the editors with the system's theme, as GraphiQL's style does by itself. */
export function FollowSystemTheme(): null {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    if (theme !== null) return;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = (): void => setTheme(null);
    dark.addEventListener("change", follow);
    return () => dark.removeEventListener("change", follow);
  }, [theme, setTheme]);
  return null;
}
