import { type Actor, authorise } from "#server/auth/actor.ts";
import type { Inbox } from "#server/core/notify/view.ts";
import { countUnread, listNotices, markRead as writeRead } from "#server/db/notify/notices.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { InboxInput, MarkReadInput } from "./inputs.ts";

/** Notices, newest first. */
export async function listInbox(deps: Deps, actor: Actor, input: InboxInput): Promise<Inbox> {
  authorise(actor, "notify:read");
  const { unread, event, flow, cursor, limit } = input;
  const filter = { unread, event: event ?? null, flow: flow ?? null, before: cursor ?? null };
  return listNotices(deps.pool, filter, limit);
}

/** Unread notices, counted up to 100. */
export async function getUnread(deps: Deps, actor: Actor): Promise<{ unread: number }> {
  authorise(actor, "notify:read");
  return { unread: await countUnread(deps.pool) };
}

/** Marks notices as read, for everybody. Those that are read stay as they are. */
export async function markRead(
  deps: Deps,
  actor: Actor,
  input: MarkReadInput,
): Promise<{ marked: number; unread: number }> {
  authorise(actor, "notify:read");
  const [ids, upTo] = "ids" in input ? [input.ids, null] : [null, input.upTo];
  const marked = await writeRead(deps.pool, ids, upTo, actor.name);
  return { marked, unread: await countUnread(deps.pool) };
}
