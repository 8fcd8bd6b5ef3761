import { randomBytes } from "node:crypto";
import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import type { ChannelDraft, ChannelView, DeliveryList } from "#server/core/notify/channel.ts";
import {
  removeChannel as dropChannel,
  hasDeliverer,
  insertChannel,
  insertResend,
  insertTest,
  replaceSecret,
  listChannels as selectChannels,
  listDeliveries as selectDeliveries,
  updateChannel,
} from "#server/db/notify/channels.ts";
import { openSecretBox, placeOfChannel } from "#server/engine/notify/secret-box.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { ChannelNameInput, DeliveriesInput, ResendInput } from "./inputs.ts";

const SECRET_BYTES = 32;

/** Channels by name, without their secrets. */
export async function listChannels(deps: Deps, actor: Actor): Promise<ChannelView[]> {
  authorise(actor, "notify:read");
  return selectChannels(deps.pool);
}

/** Whether some process delivers now. Without one deliveries wait. */
export async function getDelivering(deps: Deps, actor: Actor): Promise<{ delivering: boolean }> {
  authorise(actor, "notify:read");
  return { delivering: await hasDeliverer(deps.pool) };
}

/**
 * Adds a channel. The secret of a webhook is generated and comes back this once.
 * @throws AppError CONFLICT when the name is taken, INVALID_INPUT when a secret is missing
 */
export async function addChannel(
  deps: Deps,
  actor: Actor,
  draft: ChannelDraft,
): Promise<{ name: string; secret: string | null }> {
  authorise(actor, "notify:control");
  const secret = draft.kind === "webhook" ? newSecret() : draft.secret;
  if (draft.kind === "slack" && secret === undefined) {
    throw new AppError("INVALID_INPUT", "A Slack channel needs the address of its webhook.", {
      fix: "Copy the address that Slack shows under Incoming Webhooks.",
    });
  }
  const added = await insertChannel(
    deps.pool,
    draft,
    sealed(draft.name, secret) ?? null,
    actor.name,
  );
  if (!added) {
    throw new AppError("CONFLICT", `There is a channel "${draft.name}" already.`, {
      fix: "Choose another name, or change that channel.",
    });
  }
  return { name: draft.name, secret: draft.kind === "webhook" ? (secret ?? null) : null };
}

/**
 * Changes the settings of a channel. A secret that is not given stays.
 * @throws AppError NOT_FOUND when there is none of that name and kind
 */
export async function changeChannel(
  deps: Deps,
  actor: Actor,
  draft: ChannelDraft,
): Promise<{ name: string }> {
  authorise(actor, "notify:control");
  const secret = draft.kind === "webhook" ? undefined : draft.secret;
  const changed = await updateChannel(deps.pool, draft, sealed(draft.name, secret));
  if (!changed) noChannel(draft.name);
  return { name: draft.name };
}

/**
 * Gives a webhook a new secret, which comes back this once; the old one is gone at once.
 * @throws AppError NOT_FOUND when there is no webhook of that name
 */
export async function rotateSecret(
  deps: Deps,
  actor: Actor,
  { name }: ChannelNameInput,
): Promise<{ name: string; secret: string }> {
  authorise(actor, "notify:control");
  const secret = newSecret();
  const box = openSecretBox(process.env);
  if (!(await replaceSecret(deps.pool, name, box.seal(secret, placeOfChannel(name))))) {
    noChannel(name);
  }
  return { name, secret };
}

/** @throws AppError NOT_FOUND */
export async function removeChannel(
  deps: Deps,
  actor: Actor,
  { name }: ChannelNameInput,
): Promise<{ name: string }> {
  authorise(actor, "notify:control");
  if (!(await dropChannel(deps.pool, name))) noChannel(name);
  return { name };
}

/** Sends a test. @returns the delivery, to be looked up. @throws AppError NOT_FOUND */
export async function testChannel(
  deps: Deps,
  actor: Actor,
  { name }: ChannelNameInput,
): Promise<{ delivery: string }> {
  authorise(actor, "notify:control");
  return { delivery: (await insertTest(deps.pool, name, actor.name)) ?? noChannel(name) };
}

export async function listDeliveries(
  deps: Deps,
  actor: Actor,
  { channel, state, cursor, limit }: DeliveriesInput,
): Promise<DeliveryList> {
  authorise(actor, "notify:read");
  const filter = { channel: channel ?? null, state: state ?? null, before: cursor ?? null };
  return selectDeliveries(deps.pool, filter, limit);
}

/**
 * Sends what a delivery carried once more, as a delivery of its own.
 * @throws AppError NOT_FOUND when there is none, or its channel has been removed
 */
export async function resend(
  deps: Deps,
  actor: Actor,
  { id }: ResendInput,
): Promise<{ delivery: string }> {
  authorise(actor, "notify:control");
  const delivery = await insertResend(deps.pool, id, actor.name);
  if (delivery !== null) return { delivery };
  throw new AppError("NOT_FOUND", `There is no delivery ${id}, or its channel was removed.`, {
    fix: "Choose one from the list of deliveries.",
  });
}

/** A secret in the form of Standard Webhooks. */
const newSecret = () => `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;

function sealed(name: string, secret: string | undefined): Buffer | undefined {
  if (secret === undefined || secret === "") return undefined;
  return openSecretBox(process.env).seal(secret, placeOfChannel(name));
}

function noChannel(name: string): never {
  throw new AppError("NOT_FOUND", `There is no such channel "${name}".`, {
    fix: "Choose one from the list of channels.",
  });
}
