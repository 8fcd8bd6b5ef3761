import { describe, expect, it } from "vitest";
import { admit } from "./admission.ts";

const good = { method: "POST", host: "127.0.0.1:3000", origin: undefined, fetchSite: undefined };

describe("admit", () => {
  it.each([
    { change: {}, want: true, why: "a program sends no Origin" },
    { change: { host: "localhost:3000" }, want: true, why: "localhost is this machine" },
    {
      change: { host: "LOCALHOST" },
      want: true,
      why: "names know no case, the port may be absent",
    },
    { change: { host: "[::1]:3000" }, want: true, why: "loopback of IPv6" },
    { change: { origin: "http://127.0.0.1:3000" }, want: true, why: "the page's own origin" },
    {
      change: { origin: "http://127.0.0.1:3000", fetchSite: "same-origin" },
      want: true,
      why: "a fetch of our own page",
    },
    { change: { host: undefined }, want: 421, why: "no Host at all" },
    { change: { host: "evil.example:3000" }, want: 421, why: "DNS rebinding" },
    { change: { host: "127.0.0.1.evil.example" }, want: 421, why: "looks like loopback, is not" },
    { change: { method: "GET", host: "evil.example" }, want: 421, why: "rebinding can read, too" },
    { change: { origin: "http://evil.example" }, want: 403, why: "a form of a foreign page" },
    {
      change: { origin: "http://127.0.0.1:4000" },
      want: 403,
      why: "another port is another origin",
    },
    { change: { origin: "null" }, want: 403, why: "a sandboxed frame" },
    { change: { fetchSite: "cross-site" }, want: 403, why: "no Origin, but the browser says so" },
    { change: { fetchSite: "same-site" }, want: 403, why: "another port of localhost" },
    {
      change: { method: "GET", origin: "http://evil.example", fetchSite: "cross-site" },
      want: true,
      why: "a link to us; the answer is not readable there",
    },
  ])("$want: $why", ({ change, want }) => {
    const got = admit({ ...good, ...change });
    expect(got.admitted ? true : got.status).toBe(want);
  });
});
