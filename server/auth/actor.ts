import { AppError } from "#server/core/errors.ts";

/**
 * Who asks. Every use case takes one and authorises by it. Until accounts exist the server listens
 * on loopback only and everyone who reaches it is the operator of this machine.
 */
export interface Actor {
  kind: "operator" | "system";
  /** Recorded with everything the actor does. */
  name: string;
  permissions: ReadonlySet<Permission>;
}

export type Permission =
  | "flow:read"
  | "flow:write"
  | "run:read"
  | "run:start"
  | "run:cancel"
  | "schedule:read"
  | "schedule:pause"
  | "backfill:read"
  | "backfill:control"
  | "queue:control"
  | "notify:read"
  | "notify:control";

const everything: ReadonlySet<Permission> = new Set<Permission>([
  "flow:read",
  "flow:write",
  "run:read",
  "run:start",
  "run:cancel",
  "schedule:read",
  "schedule:pause",
  "backfill:read",
  "backfill:control",
  "queue:control",
  "notify:read",
  "notify:control",
]);

export const operator: Actor = { kind: "operator", name: "operator", permissions: everything };
export const system: Actor = { kind: "system", name: "system", permissions: everything };

/** @throws AppError FORBIDDEN when the actor lacks the permission */
export function authorise(actor: Actor, permission: Permission): void {
  if (!actor.permissions.has(permission)) {
    throw new AppError("FORBIDDEN", `${actor.name} may not do this (${permission}).`, {
      fix: "Ask someone who holds the permission.",
    });
  }
}
