/** Writes results: tables and sentences for people, or one JSON value for programs. */
import { formatProblem } from "#server/core/errors.ts";
import { type Failure, toErrorJson } from "./failure.ts";

export interface Streams {
  out: (text: string) => void;
  err: (text: string) => void;
}

export class Output {
  readonly json: boolean;
  readonly #streams: Streams;

  constructor(json: boolean, streams: Streams) {
    this.json = json;
    this.#streams = streams;
  }

  /** The result of the command; called once. `human` is only evaluated for people. */
  result(value: unknown, human: () => string): void {
    const text = this.json ? JSON.stringify(value, null, 2) : human();
    if (text !== "") this.#streams.out(`${text}\n`);
  }

  /** Text as it comes, for people only. */
  stream(text: string): void {
    if (!this.json) this.#streams.out(text);
  }

  /** Progress and advice, never part of the result. */
  note(text: string): void {
    if (!this.json) this.#streams.err(`${text}\n`);
  }

  failure(failure: Failure): void {
    if (this.json) {
      this.#streams.out(`${JSON.stringify(toErrorJson(failure), null, 2)}\n`);
      return;
    }
    const { problems = [], fix } = failure.details;
    if (problems.length > 0) {
      for (const problem of problems) this.#streams.err(`${formatProblem(problem)}\n`);
      return;
    }
    const advice = fix === undefined ? "" : ` ${fix}`;
    this.#streams.err(`${failure.code}: ${failure.message}${advice}\n`);
  }
}

/** Columns aligned by spaces; the last one is not padded. Wide characters count as two. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ""))));
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell)),
        )
        .join("  "),
    )
    .join("\n");
}

const wide = /\p{Script=Hangul}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u;

function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += wide.test(character) ? 2 : 1;
  return columns;
}

/** Time from `start` to `end`, or to `now` while it goes on; `–` while it has not begun. */
export function duration(start: string | null, end: string | null, now: string): string {
  return start === null ? "–" : durationText(Date.parse(end ?? now) - Date.parse(start));
}

/** Milliseconds as `1.2 s`, `3 min 5 s` or `2 h 7 min`; less than none counts as none. */
export function durationText(length: number): string {
  const ms = Math.max(0, length);
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
