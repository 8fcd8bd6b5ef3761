"use client";
import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTRPC } from "#components/shell/api.tsx";
import { ButtonLink } from "#components/ui/button.tsx";

const REFRESH_MS = 10_000;
/** The server counts no further. */
const MOST = 100;

/** The way to the inbox, with the number of unread notices. */
export function InboxBell() {
  const t = useTranslations("inbox");
  const trpc = useTRPC();
  const query = useQuery(
    trpc.inbox.unread.queryOptions(undefined, { refetchInterval: REFRESH_MS }),
  );
  const unread = query.data?.unread ?? 0;
  return (
    <ButtonLink
      href="/inbox"
      variant="ghost"
      size="icon-sm"
      className="relative"
      aria-label={t("bell", { count: unread })}
    >
      <Bell aria-hidden />
      {unread === 0 ? null : (
        <span
          aria-hidden
          className="-top-0.5 -right-1 absolute min-w-4 rounded-full bg-danger px-1 text-center font-medium text-2xs text-white leading-4"
        >
          {unread >= MOST ? `${MOST - 1}+` : unread}
        </span>
      )}
    </ButtonLink>
  );
}
