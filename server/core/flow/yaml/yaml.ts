import {
  type LocatedDocument,
  type LocatedNode,
  lineIndex,
  MAX_SOURCE_BYTES,
} from "../read/located.ts";
import { ProblemList } from "../read/problem-list.ts";
import { type Report, readAnyYaml } from "./yaml-grammar.ts";
import { readRegularYaml } from "./yaml-regular.ts";
import { shieldTemplates } from "./yaml-shield.ts";
import { yamlTextOffset } from "./yaml-text.ts";

/**
 * Reads YAML 1.2 (core schema, no merge keys, no custom tags) into a located document.
 * Never throws: whatever is wrong with the text is in `problems`.
 */
export function parseYaml(text: string, file: string): LocatedDocument {
  const locate = lineIndex(file, text);
  const problems = new ProblemList();
  const report: Report = (code, offset, message, fix) =>
    problems.add(code, locate(Math.max(0, Math.min(offset, text.length))), message, fix);
  return {
    format: "yaml",
    file,
    text,
    root: read(text, report),
    problems: problems.sorted(),
    locate,
    locateText: (node, index) =>
      locate(
        typeof node.value === "string" ? yamlTextOffset(text, node.at, node.value, index) : node.at,
      ),
  };
}

function read(text: string, report: Report): LocatedNode | null {
  if (Buffer.byteLength(text) > MAX_SOURCE_BYTES) {
    report("TOO_LARGE", 0, "The definition is larger than 5 MB.", "Split it into several flows.");
    return null;
  }
  const shielded = shieldTemplates(text);
  const regular = readRegularYaml(shielded.text, shielded.restore);
  if (regular !== null) return regular;
  let isReported = false;
  const root = readAnyYaml(text, shielded, (...problem) => {
    isReported = true;
    report(...problem);
  });
  if (root === null && !isReported) {
    report("SYNTAX", 0, "The file holds no definition.", "Write at least an id and one task.");
  }
  return root;
}
