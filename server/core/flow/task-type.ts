import type { z } from "zod";
import type { Json, WriteMode } from "./spec.ts";

/**
 * What the compiler knows of a task type. Effects live elsewhere (`run.ts` beside each plugin's
 * `spec.ts`), so that definitions can be checked without loading any of them.
 */
export interface TaskTypeSpec {
  /** The word in `type:`. */
  type: string;
  title: string;
  description: string;
  /** Name of a lucide icon. */
  icon: string;
  /**
   * Schema of the type's own keys. Strict. Its output is the canonical `with`: durations become
   * milliseconds, defaults are filled in.
   */
  params: z.ZodType<Record<string, Json>>;
  /** Keys of `with` that are never rendered as templates. */
  verbatim?: readonly string[];
  /** Assumed when the author states no write mode; a function where it depends on the settings. */
  writes: WriteMode | ((settings: Readonly<Record<string, Json>>) => WriteMode);
  /** Its tasks only wait: they occupy no slot of a runner and none of a pool. */
  slotless?: true;
  /** Only flows written in TypeScript may use it. */
  typescriptOnly?: boolean;
}

export type TaskTypes = ReadonlyMap<string, TaskTypeSpec>;

/** Codes that the schema of a task type may give to a refusal, as `params.code` of a custom issue. */
export type TaskFieldCode = "INVALID_DURATION" | "INVALID_VALUE" | "WRONG_TYPE";
