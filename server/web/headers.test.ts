import { expect, it } from "vitest";
import { contentSecurityPolicy } from "./headers.ts";

function directive(policy: string, name: string): string | undefined {
  return policy.split("; ").find((part) => part.startsWith(`${name} `));
}

it("lets only scripts with the nonce run", () => {
  const policy = contentSecurityPolicy("bm9uY2U=", false);
  expect(directive(policy, "script-src")).toBe(
    "script-src 'self' 'nonce-bm9uY2U=' 'strict-dynamic'",
  );
  expect(policy).not.toContain("unsafe-eval");
  expect(directive(policy, "default-src")).toBe("default-src 'none'");
  expect(directive(policy, "frame-ancestors")).toBe("frame-ancestors 'none'");
});

it("lets development reload", () => {
  const policy = contentSecurityPolicy("bm9uY2U=", true);
  expect(directive(policy, "script-src")).toContain("'unsafe-eval'");
  expect(directive(policy, "connect-src")).toBe("connect-src 'self' ws:");
});
