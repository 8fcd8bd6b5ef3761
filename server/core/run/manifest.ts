import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import { type Json, SPEC_VERSION } from "#server/core/flow/spec.ts";
import type { Certificate, CertificateField } from "./rerun-view.ts";
import type { IntervalView } from "./view.ts";

/**
 * Everything that determines a run. Two runs with equal manifests execute the same tasks with the
 * same parameters; nothing that differs between equal runs (ids, times, people) may be added here.
 */
export interface Manifest {
  specVersion: typeof SPEC_VERSION;
  flow: string;
  /** SHA-256 of the revision's canonical spec. */
  revision: string;
  /** All parameters, defaults included. */
  params: Record<string, Json>;
  interval: IntervalView | null;
  timezone: string;
  /** Values of the variables that the flow uses. */
  variables: Record<string, Json>;
  /** Version ids of connections and secrets that the flow uses, never their values. */
  connections: Record<string, string>;
  secrets: Record<string, string>;
  /**
   * The flows that its `flow` tasks run, directly or through others, with the SHA-256 of the one
   * revision that each of them is executed in. Absent when there are none.
   */
  flows?: Pins;
}

/** Hash of a revision by flow id. */
export type Pins = Record<string, string>;

export interface ManifestInput {
  flow: string;
  revisionHash: string;
  params: Record<string, Json>;
  interval: IntervalView | null;
  timezone: string;
  /** Null or absent when the flow runs no other. */
  flows?: Pins | null;
}

export interface SealedManifest {
  manifest: Manifest;
  /** RFC 8785 form; the bytes that are hashed and stored. */
  text: string;
  /** SHA-256 of `text` in lower-case hex. */
  identity: string;
}

/** Fixes the manifest of a run and computes its identity. */
export function sealManifest(input: ManifestInput): SealedManifest {
  const manifest: Manifest = {
    specVersion: SPEC_VERSION,
    flow: input.flow,
    revision: input.revisionHash,
    params: input.params,
    interval: input.interval,
    timezone: input.timezone,
    variables: {},
    connections: {},
    secrets: {},
    ...(input.flows === undefined || input.flows === null ? {} : { flows: input.flows }),
  };
  const text = canonicalJson(manifest);
  return { manifest, text, identity: sha256Hex(text) };
}

/** The pins in the text of a stored manifest; undefined when the run runs no other flow. */
export function pinsOf(text: string): Pins | undefined {
  return (JSON.parse(text) as Manifest).flows;
}

/**
 * Compares the stored manifest of a run with the one that a rerun would have.
 * @param parent text and identity as stored with the parent run
 * @param next   manifest sealed anew from what the rerun would use
 * @returns `identical` only when both texts and both hashes are equal
 */
export function certify(
  parent: { text: string; identity: string },
  next: SealedManifest,
): Certificate {
  const before = JSON.parse(parent.text) as Manifest;
  const differences = fieldDifferences(before, next.manifest);
  if (sha256Hex(parent.text) !== parent.identity) {
    differences.push({
      field: "identity",
      parent: parent.identity,
      run: sha256Hex(parent.text),
    });
  }
  const identical =
    differences.length === 0 && parent.text === next.text && parent.identity === next.identity;
  return {
    verdict: identical ? "identical" : "different",
    parentIdentity: parent.identity,
    identity: next.identity,
    parentRevision: before.revision,
    revision: next.manifest.revision,
    differences,
  };
}

/** Fields of two manifests that differ; parameters and called flows one by one, the others whole. */
function fieldDifferences(parent: Manifest, next: Manifest): CertificateField[] {
  const differences: CertificateField[] = [];
  const compare = (field: string, a: Json | undefined, b: Json | undefined) => {
    if (canonicalJson(a ?? null) !== canonicalJson(b ?? null)) {
      differences.push({ field, parent: a ?? null, run: b ?? null });
    }
  };
  const plain = (manifest: Manifest) => ({ ...manifest }) as unknown as Record<string, Json>;
  const [before, after] = [plain(parent), plain(next)];
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    if (key !== "params" && key !== "flows") compare(key, before[key], after[key]);
  }
  const compareEach = (field: string, a: Record<string, Json>, b: Record<string, Json>) => {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    for (const name of [...names].sort()) compare(`${field}.${name}`, a[name], b[name]);
  };
  compareEach("params", parent.params, next.params);
  compareEach("flows", parent.flows ?? {}, next.flows ?? {});
  return differences;
}
