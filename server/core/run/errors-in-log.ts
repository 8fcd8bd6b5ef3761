/** Finds the line of a log that tells best why an attempt failed. */

export interface FoundLine {
  /** 1-based. */
  line: number;
  /** Without colours, trimmed, at most 500 characters. */
  text: string;
}

const MAX_TEXT = 500;
/** A longer line is judged by its beginning: the patterns below are not linear in its length. */
const MAX_READ = 2_000;
const ESC = String.fromCharCode(27);
const BEL = String.fromCharCode(7);
/** Colours and other control sequences, and titles of terminals. */
const ansi = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)|[@-Z\\\\^_])`,
  "g",
);

const traceback = /^\s*Traceback \(most recent call last\)/;
const levels = /(?:^|[^\w.-])(?:ERROR|FATAL|CRITICAL|PANIC|SEVERE)(?![\w.-])/;
const exceptions = /(?:^|[^\w/])(?:[A-Za-z_][\w$]*\.)*[A-Z]\w*(?:Error|Exception)(?=:|\s*$)/;
const prefixes = /(?:^|[^\w])(?:error|fatal|fatal error|panic|exception)(?:\[[^\]]*\])?\s*:/i;
const denial = /\b(?:0|no|without|zero)\s+(?:errors?|exceptions?)\b|\berrors?\s*[:=]\s*0\b/i;
/** Whatever can match one of the above, at a fraction of the cost. */
const worthALook = /error|fatal|critical|panic|severe|exception|traceback/i;

/** A line as a person reads it: without colours and control characters, trimmed. */
export function plainText(line: string): string {
  const text = line.replace(ansi, "");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "").trim();
}

/**
 * Reads a log line by line. The first line that looks like an error wins; of a Python traceback it
 * is its last line, which names the exception. Without any, the last line on standard error, then
 * the last line at all.
 */
export class FirstErrorFinder {
  #found: FoundLine | null = null;
  #inTraceback = false;
  /** As they came: most are never shown. */
  #lastError: FoundLine | null = null;
  #last: FoundLine | null = null;

  /** True once the answer cannot change any more. */
  get done(): boolean {
    return this.#found !== null;
  }

  /** Whether one of the lines in this text has to be read, whatever the others say. */
  mustRead(lines: string): boolean {
    return this.#found === null && (this.#inTraceback || worthALook.test(lines));
  }

  /** @param number 1-based; ascending from call to call */
  read(number: number, line: string, stream: "stdout" | "stderr"): void {
    if (this.#found !== null || line.trim() === "") return;
    const here = { line: number, text: line.slice(0, MAX_READ) };
    if (this.#inTraceback) {
      if (/^\s/.test(line)) return;
      this.#inTraceback = false;
      this.#found = tidy(here);
    } else if (worthALook.test(here.text)) {
      if (traceback.test(here.text)) this.#inTraceback = true;
      else if (looksLikeError(plainText(here.text))) this.#found = tidy(here);
    }
    this.#last = here;
    if (stream === "stderr") this.#lastError = here;
  }

  /** The line that tells best, or null when nothing was written. */
  get best(): FoundLine | null {
    const best = this.#found ?? this.#lastError ?? this.#last;
    return best === null ? null : tidy(best);
  }
}

function tidy({ line, text }: FoundLine): FoundLine {
  return { line, text: plainText(text).slice(0, MAX_TEXT) };
}

function looksLikeError(text: string): boolean {
  if (denial.test(text)) return false;
  return levels.test(text) || exceptions.test(text) || prefixes.test(text);
}
