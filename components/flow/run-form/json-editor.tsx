"use client";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonLanguage } from "@codemirror/lang-json";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import { codeTheme } from "../code-theme.ts";

/** 1-based line of the first place that is not JSON; null when the text is well-formed. */
function brokenLine(text: string): number | null {
  let at: number | null = null;
  jsonLanguage.parser.parse(text).iterate({
    enter: (node) => {
      if (at === null && node.type.isError) at = node.from;
      return at === null;
    },
  });
  return at === null ? null : text.slice(0, at).split("\n").length;
}

/** Text of JSON to edit. Tab leaves the editor: nobody is trapped in it. */
export function JsonEditor({
  text,
  onChange,
  label,
  describedBy,
}: {
  /** Taken once; afterwards the editor holds the text. */
  text: string;
  /** `line` is that of the first syntax error, 1-based. */
  onChange: (text: string, line: number | null) => void;
  label: string;
  describedBy?: string | undefined;
}) {
  const host = useRef<HTMLDivElement>(null);
  const initial = useRef(text);
  const report = useEffectEvent(onChange);
  useEffect(() => {
    if (host.current === null) return;
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: initial.current,
        extensions: [
          lineNumbers(),
          history(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          json(),
          codeTheme,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            "aria-label": label,
            ...(describedBy === undefined ? {} : { "aria-describedby": describedBy }),
          }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const next = update.state.doc.toString();
            report(next, brokenLine(next));
          }),
        ],
      }),
    });
    return () => view.destroy();
  }, [label, describedBy]);
  return (
    <div
      ref={host}
      className="min-h-40 overflow-hidden rounded-md border border-line-strong focus-within:border-accent"
    />
  );
}
