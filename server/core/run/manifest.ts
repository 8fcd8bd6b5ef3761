import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import { type Json, SPEC_VERSION } from "#server/core/flow/spec.ts";
import type { Certificate, CertificateField, IntervalView } from "./view.ts";

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
}

export interface ManifestInput {
  flow: string;
  revisionHash: string;
  params: Record<string, Json>;
  interval: IntervalView | null;
  timezone: string;
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
  };
  const text = canonicalJson(manifest);
  return { manifest, text, identity: sha256Hex(text) };
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

/** Fields of two manifests that differ; parameters one by one, the others whole. */
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
    if (key !== "params") compare(key, before[key], after[key]);
  }
  const names = new Set([...Object.keys(parent.params), ...Object.keys(next.params)]);
  for (const name of [...names].sort()) {
    compare(`params.${name}`, parent.params[name], next.params[name]);
  }
  return differences;
}
