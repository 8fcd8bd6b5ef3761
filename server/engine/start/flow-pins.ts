/**
 * Which revision each flow is executed in that a run reaches by its `flow` tasks. That is decided
 * once, when the run at the top is made, and is a part of its manifest: "same tasks" must hold for
 * the tasks of called flows as well, whatever is published meanwhile.
 */
import { AppError } from "../../core/errors.ts";
import { callCycleMessage, calledFlows } from "../../core/flow/calls.ts";
import { canonicalJson, sha256Hex } from "../../core/flow/canonical.ts";
import type { Pins } from "../../core/run/manifest.ts";
import {
  type PinnedRevision,
  type ReachedFlow,
  readPinned,
  readReached,
} from "../../db/run/calls.ts";
import type { Queryable } from "../../db/sql.ts";

/** A revision that a run is to be made of. */
export interface PinnedRoot {
  flowId: string;
  revisionId: string;
  revisionHash: string;
}

/**
 * Hashes of revisions that run no other flow. A hash stands for its content, so that this holds in
 * every database; nearly all revisions are such, and need not be asked about again.
 */
const callFree = new Set<string>();
const MAX_KNOWN = 10_000;

/**
 * Pins the flows that revisions reach to their current revisions.
 * @returns by revision id; a revision that runs no other flow is absent
 * @throws AppError INVALID_FLOW_TASK when a flow is not there or would run itself, FLOW_ARCHIVED
 */
export async function pinFlows(
  sql: Queryable,
  roots: readonly PinnedRoot[],
): Promise<ReadonlyMap<string, Pins>> {
  const asked = new Map(
    roots.filter((root) => !callFree.has(root.revisionHash)).map((root) => [root.revisionId, root]),
  );
  if (asked.size === 0) return new Map();
  const pins = new Map<string, Pins>();
  for (const reached of await readReached(sql, [...asked.keys()])) {
    const root = asked.get(reached.from);
    if (root === undefined) continue;
    const own = pins.get(reached.from) ?? {};
    own[reached.flow] = hashOf(reached, root.flowId);
    pins.set(reached.from, own);
  }
  for (const [id, root] of asked) {
    if (pins.has(id) || callFree.size >= MAX_KNOWN) continue;
    callFree.add(root.revisionHash);
  }
  return pins;
}

function hashOf({ flow, hash, archived }: ReachedFlow, root: string): string {
  if (flow === root) {
    throw new AppError("INVALID_FLOW_TASK", callCycleMessage([root]), {
      fix: "Start a newer revision of it, or change the flows that it runs.",
      data: { flow, called: flow },
    });
  }
  if (hash === null) {
    throw new AppError(
      "INVALID_FLOW_TASK",
      `A run of "${root}" would run the flow "${flow}", which does not exist.`,
      {
        fix: `Push a flow "${flow}", or correct the task that names it.`,
        data: { flow: root, called: flow },
      },
    );
  }
  if (archived) {
    throw new AppError(
      "FLOW_ARCHIVED",
      `A run of "${root}" would run the flow "${flow}", which is archived.`,
      { fix: "Bring its definition back, then start the run.", data: { flow: root, called: flow } },
    );
  }
  return hash;
}

/** One of the pinned revisions, and what its own run is pinned to. */
export interface CalledRevision {
  revision: PinnedRevision;
  /** Null when it runs no other flow. */
  pins: Pins | null;
}

/**
 * The revision in which a called flow is executed.
 * @param pins of the calling run
 * @throws AppError INTERNAL when the pins do not tell, which no run that was made allows
 */
export async function findCalledRevision(
  sql: Queryable,
  flow: string,
  pins: Pins,
): Promise<CalledRevision> {
  const pinned = new Map((await readPinned(sql, pins)).map((row) => [row.flow, row]));
  const revision = pinned.get(flow);
  if (revision === undefined) {
    throw new AppError("INTERNAL", `The run does not say in which revision "${flow}" is executed.`);
  }
  const reached = new Set(calledFlows(revision.spec));
  for (const id of reached) {
    const own = pinned.get(id);
    if (own !== undefined) for (const further of calledFlows(own.spec)) reached.add(further);
  }
  const own = [...reached].flatMap((id) => {
    const hash = pins[id];
    return hash === undefined ? [] : [[id, hash] as const];
  });
  return { revision, pins: own.length === 0 ? null : Object.fromEntries(own) };
}

/**
 * The pins of a run that is made again, with hashes computed anew from what is stored: a certificate
 * compares them with those of the run itself.
 */
export async function repin(sql: Queryable, pins: Pins | undefined): Promise<Pins | null> {
  if (pins === undefined) return null;
  const rows = await readPinned(sql, pins);
  return Object.fromEntries(rows.map(({ flow, spec }) => [flow, sha256Hex(canonicalJson(spec))]));
}
