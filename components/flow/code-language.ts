import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { xml } from "@codemirror/lang-xml";
import { yaml } from "@codemirror/lang-yaml";
import type { Extension } from "@codemirror/state";
import type { SourceFormat } from "#server/core/flow/spec.ts";

/** Highlighting for the source of a revision; a recorded WfCommons workflow is JSON. */
export function languageOf(format: SourceFormat): Extension {
  switch (format) {
    case "yaml":
      return yaml();
    case "xml":
      return xml();
    case "typescript":
      return javascript({ typescript: true });
    case "wfcommons":
      return json();
  }
}
