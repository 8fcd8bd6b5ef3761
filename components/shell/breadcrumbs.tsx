"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { places } from "./navigation.tsx";

interface Crumb {
  href: string;
  text: string;
}

/** A run by its number; two pages below the list are not of a run. */
function runCrumb(name: string, words: { compare: string; bulk: string }): string {
  if (/^\d+$/.test(name)) return `#${name}`;
  return name === "compare" ? words.compare : name === "bulk" ? words.bulk : name;
}

/** Where the page lies, read from its path: place, then the thing, then what is done to it. */
export function Breadcrumbs() {
  const t = useTranslations("common");
  const words = useTranslations();
  const pathname = usePathname();
  const [first, second, third] = pathname.split("/").filter(Boolean);
  const place = places.find((one) => one.href === `/${first ?? ""}`);
  const crumbs: Crumb[] = [];
  if (place !== undefined) crumbs.push({ href: place.href, text: t(`nav.${place.key}`) });
  // Reached by the bell, and no place of the navigation.
  if (first === "inbox") crumbs.push({ href: "/inbox", text: words("inbox.title") });
  if (place?.key === "settings" && second === "notifications") {
    crumbs.push({ href: pathname, text: words("notifications.title") });
  } else if (place !== undefined && second !== undefined) {
    const name = decodeURIComponent(second);
    crumbs.push({
      href: `${place.href}/${second}`,
      text:
        place.key === "runs"
          ? runCrumb(name, { compare: t("compare"), bulk: words("bulk.title") })
          : place.key === "backfills"
            ? `#${name}`
            : name,
    });
  }
  if (place?.key === "runs" && second === "bulk" && third !== undefined) {
    crumbs.push({ href: pathname, text: `#${decodeURIComponent(third)}` });
  }
  if (place?.key === "flows" && third === "run") {
    crumbs.push({ href: pathname, text: t("newRun") });
  }
  if (place?.key === "flows" && third === "backfill") {
    crumbs.push({ href: pathname, text: t("newBackfill") });
  }
  return (
    <nav aria-label={t("breadcrumbs")} className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1.5 text-sm">
        {crumbs.map((crumb, index) => {
          const last = index === crumbs.length - 1;
          return (
            <li key={crumb.href} className="flex min-w-0 items-center gap-1.5">
              {index === 0 ? null : (
                <span aria-hidden className="text-faint">
                  /
                </span>
              )}
              {last ? (
                <span aria-current="page" className="truncate text-text">
                  {crumb.text}
                </span>
              ) : (
                <Link href={crumb.href} className="truncate text-muted hover:text-text">
                  {crumb.text}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
