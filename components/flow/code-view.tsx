"use client";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { cn } from "#components/ui/cn.ts";
import type { SourceFormat } from "#server/core/flow/spec.ts";
import { languageOf } from "./code-language.ts";
import { codeTheme } from "./code-theme.ts";

/**
 * Source text to read, not to change.
 * @param before text of another revision; when given, what was removed and added is marked
 */
export function CodeView({
  text,
  before,
  format,
  label,
  className,
}: {
  text: string;
  before?: string | undefined;
  format: SourceFormat;
  label: string;
  className?: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  const unchanged = useTranslations("flow")("unchangedLines", { count: "$" });
  useEffect(() => {
    if (host.current === null) return;
    const extensions: Extension[] = [
      lineNumbers(),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", role: "textbox" }),
      EditorView.contentAttributes.of({ "aria-readonly": "true", "aria-multiline": "true" }),
      languageOf(format),
      codeTheme,
    ];
    if (before !== undefined) {
      extensions.push(
        EditorState.phrases.of({ "$ unchanged lines": unchanged }),
        unifiedMergeView({
          original: before,
          mergeControls: false,
          gutter: true,
          collapseUnchanged: { margin: 4, minSize: 8 },
        }),
      );
    }
    const view = new EditorView({ doc: text, extensions, parent: host.current });
    return () => view.destroy();
  }, [text, before, format, label, unchanged]);
  return <div ref={host} className={cn("min-w-0 overflow-hidden", className)} />;
}
