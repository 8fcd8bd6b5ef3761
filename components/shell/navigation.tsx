"use client";
import { CalendarClock, CirclePlay, History, House, Layers, Server, Workflow } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";

export const places = [
  { href: "/", key: "home", icon: House },
  { href: "/flows", key: "flows", icon: Workflow },
  { href: "/runs", key: "runs", icon: CirclePlay },
  { href: "/schedules", key: "schedules", icon: CalendarClock },
  { href: "/backfills", key: "backfills", icon: History },
  { href: "/queue", key: "queue", icon: Layers },
  { href: "/runners", key: "runners", icon: Server },
] as const;

function isHere(pathname: string, href: string): boolean {
  return href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);
}

/** The list of places: a column on wide screens, a bar at the bottom of narrow ones. */
export function Navigation({ bottom = false }: { bottom?: boolean }) {
  const t = useTranslations("common.nav");
  const pathname = usePathname();
  return (
    <nav
      aria-label={t("label")}
      className={
        bottom
          ? "fixed inset-x-0 bottom-0 z-30 flex h-(--bottom-bar) items-stretch border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
          : "grid gap-0.5"
      }
    >
      {places.map(({ href, key, icon: Icon }) => {
        const here = isHere(pathname, href);
        return (
          <Link
            key={href}
            href={href}
            aria-current={here ? "page" : undefined}
            className={cn(
              "text-muted transition-colors duration-100 hover:text-text",
              bottom
                ? "flex flex-1 flex-col items-center justify-center gap-0.5 text-2xs -outline-offset-2"
                : "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm hover:bg-fill-strong",
              here && (bottom ? "text-text" : "bg-fill-strong font-medium text-text"),
            )}
          >
            <Icon aria-hidden className={bottom ? "size-5" : "size-4"} strokeWidth={1.75} />
            {t(key)}
          </Link>
        );
      })}
    </nav>
  );
}
