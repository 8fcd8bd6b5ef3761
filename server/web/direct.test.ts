import { expect, it } from "vitest";
import { isDirect } from "./direct.ts";

it.each([
  { address: "127.0.0.1", headers: {}, want: true, why: "this machine" },
  { address: "127.8.0.1", headers: {}, want: true, why: "another loopback address" },
  { address: "::1", headers: {}, want: true, why: "loopback of IPv6" },
  { address: "::ffff:127.0.0.1", headers: {}, want: true, why: "IPv4 on a socket of IPv6" },
  { address: "10.0.0.7", headers: {}, want: false, why: "another machine" },
  { address: "::ffff:10.0.0.7", headers: {}, want: false, why: "another machine on IPv6" },
  { address: "2001:db8::1", headers: {}, want: false, why: "another machine by IPv6" },
  { address: "127.0.0.1", headers: { "x-forwarded-for": "10.0.0.7" }, want: false, why: "a proxy" },
  { address: "127.0.0.1", headers: { forwarded: "for=10.0.0.7" }, want: false, why: "RFC 7239" },
  { address: "127.0.0.1", headers: { via: "1.1 nginx" }, want: false, why: "a proxy that says so" },
  { address: undefined, headers: {}, want: false, why: "a connection that is gone" },
])("is $want for $address $headers: $why", ({ address, headers, want }) => {
  expect(isDirect(address, headers)).toBe(want);
});
