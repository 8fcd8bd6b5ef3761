import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certify, type ManifestInput, sealManifest } from "./manifest.ts";

const input: ManifestInput = {
  flow: "weather-daily",
  revisionHash: "a".repeat(64),
  params: { station: "seattle", days: 3 },
  interval: { start: "2015-03-01T00:00:00.000Z", end: "2015-03-02T00:00:00.000Z" },
  timezone: "UTC",
};

describe("sealManifest", () => {
  it("gives the same bytes whatever the order in which parameters were given", () => {
    const shuffled = { ...input, params: { days: 3, station: "seattle" } };
    expect(sealManifest(shuffled).text).toBe(sealManifest(input).text);
    expect(sealManifest(shuffled).identity).toBe(sealManifest(input).identity);
  });

  it.each([
    { change: { revisionHash: "b".repeat(64) }, why: "another revision" },
    { change: { params: { station: "seattle", days: 4 } }, why: "another value" },
    { change: { params: { station: "seattle", days: "3" } }, why: "a text is not a number" },
    { change: { interval: null }, why: "no interval" },
    { change: { timezone: "Asia/Seoul" }, why: "another time zone" },
  ])("gives another identity for $why", ({ change }) => {
    expect(sealManifest({ ...input, ...change }).identity).not.toBe(sealManifest(input).identity);
  });

  it("pins called flows, and leaves the identity of runs without any as it was", () => {
    const pinned = sealManifest({ ...input, flows: { other: "c".repeat(64) } });
    expect(pinned.manifest.flows).toEqual({ other: "c".repeat(64) });
    expect(pinned.identity).not.toBe(sealManifest(input).identity);
    expect(sealManifest({ ...input, flows: null }).text).toBe(sealManifest(input).text);
    expect(sealManifest(input).text).not.toContain("flows");
  });

  it("survives storage as JSON text for any parameters", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (given) => {
        const params = JSON.parse(JSON.stringify(given)) as ManifestInput["params"];
        const sealed = sealManifest({ ...input, params });
        const again = sealManifest({ ...input, params: JSON.parse(sealed.text).params });
        expect(again.identity).toBe(sealed.identity);
      }),
    );
  });
});

describe("certify", () => {
  const parent = sealManifest(input);

  it("says identical only for equal manifests", () => {
    const certificate = certify(parent, sealManifest({ ...input }));
    expect(certificate).toMatchObject({ verdict: "identical", differences: [] });
    expect(certificate.identity).toBe(certificate.parentIdentity);
  });

  it("lists the parameters and fields that differ", () => {
    const next = sealManifest({
      ...input,
      params: { station: "portland", wind: true },
      timezone: "Asia/Seoul",
    });
    const certificate = certify(parent, next);
    expect(certificate.verdict).toBe("different");
    expect(certificate.differences).toEqual([
      { field: "timezone", parent: "UTC", run: "Asia/Seoul" },
      { field: "params.days", parent: 3, run: null },
      { field: "params.station", parent: "seattle", run: "portland" },
      { field: "params.wind", parent: null, run: true },
    ]);
  });

  it("names the called flows that differ", () => {
    const before = sealManifest({ ...input, flows: { b: "1".repeat(64), c: "2".repeat(64) } });
    const after = sealManifest({ ...input, flows: { b: "3".repeat(64), c: "2".repeat(64) } });
    expect(certify(before, after)).toMatchObject({
      verdict: "different",
      differences: [{ field: "flows.b", parent: "1".repeat(64), run: "3".repeat(64) }],
    });
  });

  it("does not trust a stored manifest whose bytes no longer give its identity", () => {
    const damaged = { text: parent.text, identity: "0".repeat(64) };
    const certificate = certify(damaged, sealManifest(input));
    expect(certificate.verdict).toBe("different");
    expect(certificate.differences.map((d) => d.field)).toEqual(["identity"]);
  });
});
