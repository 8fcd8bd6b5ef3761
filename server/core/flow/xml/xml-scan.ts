import type { DefinitionCode } from "../../errors.ts";
import { MAX_DEPTH } from "../read/located.ts";
import { decodeReference, decodeText, type TextRun } from "./xml-text.ts";

/** A value in the source: raw text between two offsets, which references may still be in. */
export interface XmlValue {
  value: string;
  /** Offset of the first character that belongs to the value. */
  at: number;
  runs: readonly TextRun[];
}

export interface XmlAttribute extends XmlValue {
  name: string;
  nameAt: number;
}

export interface XmlElement {
  name: string;
  nameAt: number;
  attributes: XmlAttribute[];
  children: XmlElement[];
  /** Character data in the element itself, that of its children left out. */
  text: TextRun[];
}

/** Why a text is no XML that definitions may be written in. `offset` is where it shows. */
export class XmlError extends Error {
  override readonly name = "XmlError";
  readonly code: DefinitionCode;
  readonly fix: string;
  readonly offset: number;

  constructor(code: DefinitionCode, message: string, fix: string, offset: number) {
    super(message);
    this.code = code;
    this.fix = fix;
    this.offset = offset;
  }
}

const NAME = /[A-Za-z_][\w.-]*/y;
/** Attributes may have a prefix: xml:space, xmlns:xsi. */
const ATTRIBUTE_NAME = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y;
const SPACE = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids exactly these characters
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/**
 * Reads well-formed XML 1.0 without a document type: elements, attributes, text, CDATA, comments and
 * processing instructions, with the place of each. Linear in the text; entities cannot grow.
 * @returns the root element
 * @throws XmlError at the first thing that is wrong
 */
export function scanXml(source: string): XmlElement {
  return new Scanner(source).document();
}

class Scanner {
  readonly #source: string;
  #at: number;

  constructor(source: string) {
    this.#source = source;
    this.#at = source.startsWith("\ufeff") ? 1 : 0;
  }

  document(): XmlElement {
    const forbidden = FORBIDDEN.exec(this.#source);
    if (forbidden !== null) {
      this.#fail("XML cannot hold this control character.", "Remove it.", forbidden.index);
    }
    this.#misc(true);
    if (this.#source[this.#at] !== "<") {
      this.#fail("The file does not begin with an element.", "Begin with <flow id=…>.");
    }
    const root = this.#elements();
    this.#misc(false);
    if (this.#at < this.#source.length) {
      this.#fail("Something follows the end of the outermost element.", "Remove it.");
    }
    return root;
  }

  /** White space, comments and processing instructions around the outermost element. */
  #misc(isProlog: boolean): void {
    this.#space();
    while (this.#source.startsWith("<!--", this.#at) || this.#source.startsWith("<?", this.#at)) {
      if (this.#source.startsWith("<!--", this.#at)) this.#comment();
      else this.#instruction(isProlog);
      this.#space();
    }
  }

  /** The outermost element with all that is in it, without recursion. */
  #elements(): XmlElement {
    const root = this.#startTag();
    const open = root.isEmpty ? [] : [root.element];
    for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
      this.#characters(current);
      if (this.#at >= this.#source.length) {
        this.#fail(
          `The element <${current.name}> is not closed.`,
          `Add </${current.name}>.`,
          current.nameAt,
        );
      }
      if (this.#source.startsWith("</", this.#at)) {
        this.#endTag(current);
        open.pop();
      } else if (this.#source.startsWith("<!--", this.#at)) {
        this.#comment();
      } else if (this.#source.startsWith("<![CDATA[", this.#at)) {
        this.#cdata(current);
      } else if (this.#source.startsWith("<?", this.#at)) {
        this.#instruction(false);
      } else {
        const child = this.#startTag();
        current.children.push(child.element);
        if (!child.isEmpty) open.push(child.element);
        if (open.length > MAX_DEPTH) {
          throw new XmlError(
            "TOO_DEEP",
            `Elements are nested more than ${MAX_DEPTH} deep.`,
            "Flatten the definition.",
            child.element.nameAt - 1,
          );
        }
      }
    }
    return root.element;
  }

  #startTag(): { element: XmlElement; isEmpty: boolean } {
    const tagAt = this.#at;
    if (
      this.#source[tagAt + 1] === "!" &&
      /^<!DOCTYPE/i.test(this.#source.slice(tagAt, tagAt + 9))
    ) {
      throw new XmlError(
        "DOCTYPE_FORBIDDEN",
        "A definition cannot have a document type.",
        "Remove the DOCTYPE declaration.",
        tagAt,
      );
    }
    this.#at += 1;
    const nameAt = this.#at;
    const name = this.#match(NAME);
    if (name === "") {
      this.#fail("An element's name is expected after <.", "Write < as &lt; in text.", tagAt);
    }
    const element: XmlElement = { name, nameAt, attributes: [], children: [], text: [] };
    while (true) {
      const gap = this.#space();
      if (this.#take("/>")) return { element, isEmpty: true };
      if (this.#take(">")) return { element, isEmpty: false };
      if (this.#at >= this.#source.length) {
        this.#fail(`The tag <${name} is not closed.`, "Add > or />.", tagAt);
      }
      if (gap === "") this.#fail("White space is expected here.", "Put a space here.");
      element.attributes.push(this.#attribute());
    }
  }

  #attribute(): XmlAttribute {
    const nameAt = this.#at;
    const name = this.#match(ATTRIBUTE_NAME);
    if (name === "")
      this.#fail("The name of an attribute is expected here.", 'Write name="value".');
    this.#space();
    if (!this.#take("=")) {
      this.#fail(`The attribute "${name}" has no value.`, `Write ${name}="…".`, nameAt);
    }
    this.#space();
    const quote = this.#source[this.#at];
    if (quote !== '"' && quote !== "'") {
      this.#fail("The value of an attribute is in quotes.", `Write ${name}="…".`);
    }
    const at = this.#at + 1;
    const end = this.#source.indexOf(quote, at);
    if (end === -1) this.#fail("This quote is not closed.", `Add ${quote} after the value.`);
    const written = this.#source.slice(at, end);
    const less = written.indexOf("<");
    if (less !== -1) {
      this.#fail("An attribute cannot hold <.", "Write &lt;, or close the quote.", at + less);
    }
    this.#checkReferences(written, at);
    this.#at = end + 1;
    const runs: TextRun[] = [{ kind: "attribute", start: at, end }];
    return { name, nameAt, value: decodeText(this.#source, runs), at, runs };
  }

  #characters(element: XmlElement): void {
    const start = this.#at;
    const next = this.#source.indexOf("<", start);
    const end = next === -1 ? this.#source.length : next;
    if (end === start) return;
    const written = this.#source.slice(start, end);
    this.#checkReferences(written, start);
    const close = written.indexOf("]]>");
    if (close !== -1) {
      this.#fail("]]> stands outside of CDATA.", "Write ]]&gt;.", start + close);
    }
    element.text.push({ kind: "text", start, end });
    this.#at = end;
  }

  #cdata(element: XmlElement): void {
    const start = this.#at + "<![CDATA[".length;
    const end = this.#closing("]]>", start, "This CDATA section is not closed.");
    element.text.push({ kind: "cdata", start, end });
    this.#at = end + 3;
  }

  #comment(): void {
    const start = this.#at + 4;
    const end = this.#closing("-->", start, "This comment is not closed.");
    if (this.#source.slice(start, end).includes("--")) {
      this.#fail(
        "A comment cannot hold --.",
        "Write - - instead.",
        this.#source.indexOf("--", start),
      );
    }
    this.#at = end + 3;
  }

  #instruction(isProlog: boolean): void {
    const start = this.#at;
    const end = this.#closing("?>", start, "This processing instruction is not closed.");
    const text = this.#source.slice(start, end);
    if (/^<\?xml[\s?]/i.test(`${text}?`)) {
      const atStart = isProlog && this.#source.slice(0, start).replace("\ufeff", "") === "";
      if (!atStart)
        this.#fail("The XML declaration belongs at the start of the file.", "Move it there.");
      const encoding = /encoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
      if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) {
        this.#fail(`Definitions are in UTF-8, not in ${encoding}.`, "Save the file as UTF-8.");
      }
    }
    this.#at = end + 2;
  }

  #endTag(element: XmlElement): void {
    const tagAt = this.#at;
    this.#at += 2;
    const name = this.#match(NAME);
    this.#space();
    if (name !== element.name) {
      this.#fail(
        `</${name}> does not close <${element.name}>.`,
        `Close <${element.name}> first.`,
        tagAt,
      );
    }
    if (!this.#take(">")) this.#fail(`The tag </${name} is not closed.`, "Add >.", tagAt);
  }

  /** @param start offset of the text */
  #checkReferences(text: string, start: number): void {
    for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
      if (decodeReference(this.#source, start + at) !== null) continue;
      this.#fail(
        "This & begins no reference that XML knows without a document type.",
        "Write &amp; for the sign itself.",
        start + at,
      );
    }
  }

  #closing(mark: string, from: number, message: string): number {
    const end = this.#source.indexOf(mark, from);
    return end === -1 ? this.#fail(message, `Add ${mark}.`) : end;
  }

  #space(): string {
    return this.#match(SPACE);
  }

  #match(pattern: RegExp): string {
    const from = this.#at;
    pattern.lastIndex = from;
    if (!pattern.test(this.#source)) return "";
    this.#at = pattern.lastIndex;
    return this.#source.slice(from, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #fail(message: string, fix: string, offset = this.#at): never {
    throw new XmlError("SYNTAX", message, fix, offset);
  }
}
