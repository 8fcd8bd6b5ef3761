import { z } from "zod";
import { MAX_WFCOMMONS_BYTES } from "#server/core/flow/wfcommons.ts";
import { flowId, paramsInput, runId } from "#server/usecases/runs/inputs.ts";

/** Shapes of what people and programs may ask of flows. */

const revisionNumber = z.int().positive().max(2_147_483_647);

export const flowListInput = z
  .object({
    q: z.string().trim().min(1).max(200).optional(),
    tag: z.string().min(1).max(100).optional(),
    archived: z.boolean().optional(),
  })
  .strict();
export type FlowListInput = z.infer<typeof flowListInput>;

export const revisionInput = z.object({ flow: flowId, number: revisionNumber }).strict();
export type RevisionInput = z.infer<typeof revisionInput>;

export const revisionListInput = z
  .object({
    flow: flowId,
    cursor: z.coerce.number().int().positive().max(2_147_483_647).nullish(),
    limit: z.int().min(1).max(100).default(50),
  })
  .strict();
export type RevisionListInput = z.infer<typeof revisionListInput>;

export const diffInput = z.object({ flow: flowId, a: revisionNumber, b: revisionNumber }).strict();

export const gridInput = z
  .object({
    flow: flowId,
    cursor: runId.nullish(),
    limit: z.int().min(1).max(100).default(30),
  })
  .strict();
export type GridInput = z.infer<typeof gridInput>;

export const calendarInput = z
  .object({
    flow: flowId,
    /** Default: the year of the newest interval. */
    year: z.int().min(1970).max(9_998).optional(),
    /** The first day of the part that is asked for, of a year with more intervals than are shown. */
    since: z.iso.date().optional(),
    /** Which runs count: those with no other values than these, or all. Default: the usual ones. */
    params: z.union([paramsInput, z.literal("any")]).optional(),
  })
  .strict();
export type CalendarInput = z.infer<typeof calendarInput>;

/** Largest definition that is read at all. */
const maxText = 5 * 1024 * 1024;

/** Shown in errors and kept with the revision; never opened on the server. */
const sourcePath = z
  .string()
  .min(1)
  .max(500)
  .regex(/^\P{Cc}+$/u, "holds control characters");

/** Relative, below the definition's folder: no empty part, no `.` and no `..`. */
const filePath = sourcePath.refine(
  (path) =>
    !path.includes("\\") && path.split("/").every((part) => !["", ".", ".."].includes(part)),
  "is not a path below the folder of the definition",
);

const fileInput = z
  .object({
    path: filePath,
    base64: z.base64().max(28 * 1024 * 1024),
    executable: z.boolean().default(false),
  })
  .strict();

export const definitionInput = z
  .object({
    format: z.enum(["yaml", "xml", "typescript"]),
    path: sourcePath,
    text: z.string().max(maxText),
    files: z.array(fileInput).max(1_000).default([]),
    /** TypeScript only, and needed there: the bundle, and the definition that it gave the sender. */
    bundle: z
      .base64()
      .max(28 * 1024 * 1024)
      .optional(),
    definition: z.json().optional(),
  })
  .strict();
export type DefinitionInput = z.infer<typeof definitionInput>;

export const wfcommonsInput = z
  .object({
    /** Name of the recording's file. */
    name: sourcePath,
    text: z.string().max(MAX_WFCOMMONS_BYTES),
    scale: z.number().positive().max(1_000).default(1),
  })
  .strict();
export type WfcommonsInput = z.infer<typeof wfcommonsInput>;
