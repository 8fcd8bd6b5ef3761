/** CodeMirror in the colours of the interface. Token colours are the state colours, quietly used. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const base = EditorView.theme({
  "&": { fontSize: "12.5px", backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-mono)",
    lineHeight: "1.6",
    fontVariantNumeric: "normal",
  },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-gutters": {
    backgroundColor: "var(--surface)",
    color: "var(--faint)",
    border: "none",
    paddingRight: "4px",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--fill)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklab, var(--accent) 22%, transparent) !important",
  },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-panels": { backgroundColor: "var(--fill)", color: "var(--text)" },
  ".cm-collapsedLines": {
    backgroundImage: "none",
    backgroundColor: "var(--fill)",
    color: "var(--muted)",
    padding: "4px 12px",
    // The package's own sign is in few fonts.
    "&:before, &:after": { content: '"…"' },
  },
  ".cm-changedLine": { backgroundColor: "var(--success-soft) !important" },
  ".cm-deletedChunk": { backgroundColor: "var(--failed-soft) !important", paddingLeft: "6px" },
  ".cm-deletedChunk .cm-deletedLine": { textDecoration: "none" },
  ".cm-changedText": {
    background: "color-mix(in oklab, var(--success-solid) 32%, transparent) !important",
  },
  ".cm-deletedText, .cm-deletedChunk .cm-deletedText": {
    background: "color-mix(in oklab, var(--failed-solid) 32%, transparent) !important",
  },
  ".cm-changeGutter": { width: "3px", paddingLeft: "0" },
  ".cm-changedLineGutter": { background: "var(--success-solid)" },
  ".cm-deletedLineGutter": { background: "var(--failed-solid)" },
});

const colours = HighlightStyle.define([
  {
    tag: [tags.propertyName, tags.definition(tags.propertyName), tags.tagName],
    color: "var(--running)",
  },
  { tag: [tags.attributeName], color: "var(--yellow)" },
  { tag: [tags.string, tags.attributeValue, tags.special(tags.string)], color: "var(--success)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--orange)" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.definitionKeyword], color: "var(--accent)" },
  { tag: [tags.comment, tags.meta], color: "var(--faint)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--muted)" },
]);

export const codeTheme: Extension = [base, syntaxHighlighting(colours)];
