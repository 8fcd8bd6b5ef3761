"use client";
import {
  CalendarClock,
  CirclePlay,
  Ellipsis,
  History,
  House,
  Layers,
  Server,
  Settings,
  Workflow,
} from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import { Menu, MenuLink } from "#components/ui/menu.tsx";

export const places = [
  { href: "/", key: "home", icon: House },
  { href: "/flows", key: "flows", icon: Workflow },
  { href: "/runs", key: "runs", icon: CirclePlay },
  { href: "/schedules", key: "schedules", icon: CalendarClock },
  { href: "/backfills", key: "backfills", icon: History },
  { href: "/queue", key: "queue", icon: Layers },
  { href: "/runners", key: "runners", icon: Server },
  { href: "/settings", key: "settings", icon: Settings },
] as const;

/** So many places have room on a narrow screen beside the menu with the others. */
const AT_HAND = 4;

function isHere(pathname: string, href: string): boolean {
  return href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);
}

const quiet = "text-muted transition-colors duration-100 hover:text-text";

/** The list of places, as a column. */
export function Navigation() {
  const t = useTranslations("common.nav");
  const pathname = usePathname();
  return (
    <nav aria-label={t("label")} className="flex h-full flex-col gap-0.5">
      {places.map(({ href, key, icon: Icon }) => {
        const here = isHere(pathname, href);
        return (
          <Link
            key={href}
            href={href}
            aria-current={here ? "page" : undefined}
            className={cn(
              "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm hover:bg-fill-strong",
              // Set once and seldom visited: away from the places of every day.
              key === "settings" && "mt-auto",
              here ? "bg-fill-strong font-medium text-text" : quiet,
            )}
          >
            <Icon aria-hidden className="size-4" strokeWidth={1.75} />
            {t(key)}
          </Link>
        );
      })}
    </nav>
  );
}

const tab =
  "flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-2xs -outline-offset-2";

/** The same places at the bottom of narrow screens: the first ones at hand, the others in a menu. */
export function BottomBar() {
  const t = useTranslations("common.nav");
  const pathname = usePathname();
  const others = places.slice(AT_HAND);
  const elsewhere = others.some(({ href }) => isHere(pathname, href));
  return (
    <nav
      aria-label={t("label")}
      className="fixed inset-x-0 bottom-0 z-30 flex h-(--bottom-bar) items-stretch border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {places.slice(0, AT_HAND).map(({ href, key, icon: Icon }) => {
        const here = isHere(pathname, href);
        return (
          <Link
            key={href}
            href={href}
            aria-current={here ? "page" : undefined}
            className={cn(tab, here ? "text-text" : quiet)}
          >
            <Icon aria-hidden className="size-5" strokeWidth={1.75} />
            {t(key)}
          </Link>
        );
      })}
      <Menu
        trigger={
          <button type="button" className={cn(tab, elsewhere ? "text-text" : quiet)}>
            <Ellipsis aria-hidden className="size-5" strokeWidth={1.75} />
            {t("more")}
          </button>
        }
      >
        {others.map(({ href, key, icon: Icon }) => (
          <MenuLink key={href} href={href} className="min-h-9">
            <Icon aria-hidden />
            {t(key)}
          </MenuLink>
        ))}
      </Menu>
    </nav>
  );
}
