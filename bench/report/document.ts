/** The one JSON document that a run of the benchmark leaves behind. */
import type { Machine } from "../kit/machine.ts";
import type { Figure } from "./figure.ts";

export const DOCUMENT_VERSION = 1;

export interface BenchDocument {
  version: typeof DOCUMENT_VERSION;
  /** ISO 8601 in UTC. */
  startedAt: string;
  durationMs: number;
  /** True when the sizes were a tenth: such figures are worth nothing. */
  quick: boolean;
  machine: Machine;
  postgres: { version: string; settings: Readonly<Record<string, string>> };
  figures: readonly Figure[];
  /** What was asked for and could not be measured. */
  failures: readonly { name: string; message: string }[];
  /** What was not asked for, or needs something that was not given. */
  leftOut: readonly { name: string; reason: string }[];
}
