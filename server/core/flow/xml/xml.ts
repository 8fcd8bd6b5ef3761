import {
  type LocatedDocument,
  lineIndex,
  MAX_SOURCE_BYTES,
  type ScalarNode,
  type Spot,
} from "../read/located.ts";
import { ProblemList } from "../read/problem-list.ts";
import { XmlMapping } from "./xml-mapping.ts";
import { scanXml, XmlError } from "./xml-scan.ts";

/**
 * Reads a definition written in XML into a located document. See xml-mapping.ts for how elements
 * become keys. Never throws: whatever is wrong with the text is in `problems`.
 */
export function parseXml(text: string, file: string): LocatedDocument {
  const locate = lineIndex(file, text);
  const problems = new ProblemList();
  const mapping = new XmlMapping(text, (code, offset, message, fix) =>
    problems.add(code, locate(offset), message, fix),
  );
  const document = (root: LocatedDocument["root"]): LocatedDocument => ({
    format: "xml",
    file,
    text,
    root,
    problems: problems.sorted(),
    locate,
    locateText: (node: ScalarNode, index: number) => locate(mapping.textSpot(node, index)),
  });
  if (Buffer.byteLength(text) > MAX_SOURCE_BYTES) {
    const start: Spot = 0;
    problems.add(
      "TOO_LARGE",
      locate(start),
      "The definition is larger than 5 MB.",
      "Split it into several flows.",
    );
    return document(null);
  }
  try {
    return document(mapping.flow(scanXml(text)));
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    problems.add(error.code, locate(error.offset), error.message, error.fix);
    return document(null);
  }
}
