"use client";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useId,
  useMemo,
  useSyncExternalStore,
} from "react";
import { matchesKeys } from "./keys.ts";

export interface ShortcutInfo {
  id: string;
  keys: string;
  label: string;
  scope: "global" | "page";
}

interface Shortcut extends ShortcutInfo {
  inFields: boolean;
  run: (event: KeyboardEvent) => void;
}

interface Registry {
  add: (shortcut: Shortcut) => () => void;
  subscribe: (listener: () => void) => () => void;
  list: () => readonly ShortcutInfo[];
  handle: (event: KeyboardEvent) => void;
}

const fields = "input, textarea, select, [contenteditable='true'], .cm-editor";
/** While focus is in one of these, keys belong to it. */
const captors = "[role='dialog'], [role='alertdialog'], [role='menu'], [role='listbox']";

function makeRegistry(): Registry {
  let shortcuts: readonly Shortcut[] = [];
  const listeners = new Set<() => void>();
  const change = (next: readonly Shortcut[]) => {
    shortcuts = next;
    for (const listener of listeners) listener();
  };
  return {
    add(shortcut) {
      change([...shortcuts, shortcut]);
      return () => change(shortcuts.filter((other) => other !== shortcut));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    list: () => shortcuts,
    handle(event) {
      if (event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      const inField = target?.closest(fields) !== null && target !== null;
      const captured = target?.closest(captors) !== null && target !== null;
      // The latest registration wins: a page may take over a key of the shell.
      const found = shortcuts.findLast(
        (shortcut) =>
          (shortcut.inFields || (!inField && !captured)) && matchesKeys(event, shortcut.keys),
      );
      if (found === undefined) return;
      event.preventDefault();
      found.run(event);
    },
  };
}

const RegistryContext = createContext<Registry | null>(null);

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const registry = useMemo(makeRegistry, []);
  useEffect(() => {
    window.addEventListener("keydown", registry.handle);
    return () => window.removeEventListener("keydown", registry.handle);
  }, [registry]);
  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

function useRegistry(): Registry {
  const registry = useContext(RegistryContext);
  if (registry === null) throw new Error("useShortcut needs a ShortcutsProvider above it.");
  return registry;
}

/**
 * Binds a key while the component is mounted and lists it under `?`.
 * @param keys see `matchesKeys`
 * @param label what it does, in the page's language
 * @param scope `page` (default) or `global`
 * @param enabled false takes the key away again
 * @param inFields true lets it work while typing and in dialogs (only for keys with `mod`)
 */
export function useShortcut({
  keys,
  label,
  run,
  scope = "page",
  enabled = true,
  inFields = false,
}: {
  keys: string;
  label: string;
  run: (event: KeyboardEvent) => void;
  scope?: "global" | "page";
  enabled?: boolean;
  inFields?: boolean;
}): void {
  const registry = useRegistry();
  const id = useId();
  const act = useEffectEvent(run);
  useEffect(() => {
    if (!enabled) return;
    return registry.add({ id, keys, label, scope, inFields, run: (event) => act(event) });
  }, [registry, id, keys, label, scope, enabled, inFields]);
}

const nothing: readonly ShortcutInfo[] = [];

/** The shortcuts that work right now. */
export function useShortcutList(): readonly ShortcutInfo[] {
  const registry = useRegistry();
  return useSyncExternalStore(registry.subscribe, registry.list, () => nothing);
}
