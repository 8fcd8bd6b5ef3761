import { describe, expect, it } from "vitest";
import { mayReach, post } from "./post.ts";

describe("addresses that notifications may go to", () => {
  it.each([
    { ip: "127.0.0.1", want: true, why: "a receiver on this machine" },
    { ip: "10.1.2.3", want: true, why: "a receiver of the company" },
    { ip: "::1", want: true, why: "this machine" },
    { ip: "169.254.169.254", want: false, why: "credentials of a cloud's machine" },
    { ip: "::ffff:169.254.169.254", want: false, why: "the same, written as IPv6" },
    { ip: "fe80::1", want: false, why: "link-local" },
    { ip: "fd00:ec2::254", want: false, why: "credentials of a cloud's machine over IPv6" },
    { ip: "0.0.0.0", want: false, why: "nowhere" },
    { ip: "224.0.0.1", want: false, why: "many at once" },
  ])("$ip: $want, $why", ({ ip, want }) => expect(mayReach(ip)).toBe(want));

  it.each(["http://169.254.169.254/", "http://[fe80::1]/", "http://2852039166/"])(
    "%s is refused before anything is sent",
    async (address) => {
      const sent = post(address, {}, "{}", AbortSignal.timeout(1_000));
      await expect(sent).rejects.toThrow("notifications may not go to");
    },
  );
});
