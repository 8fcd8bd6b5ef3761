"use client";
import { Search } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useCallback, useState } from "react";
import { InboxBell } from "#components/notify/inbox-bell.tsx";
import { Button } from "#components/ui/button.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { LayerProvider, LayerSlot } from "#components/ui/layer.tsx";
import { Sprite } from "#components/ui/sprite.tsx";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { DisplayMenu } from "./display-menu.tsx";
import { Logo } from "./logo.tsx";
import { BottomBar, Navigation } from "./navigation.tsx";
import { PaletteHost } from "./palette-host.tsx";
import type { Theme } from "./preferences.ts";
import { useShortcut } from "./shortcuts.tsx";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";

/**
 * What surrounds every page: places on the left (at the bottom when narrow), the way here, search and
 * display settings on top. Pages that fill the window take their height from `--page-height`.
 */
export function Frame({ initialTheme, children }: { initialTheme: Theme; children: ReactNode }) {
  const t = useTranslations();
  const [palette, setPalette] = useState(false);
  const [shortcuts, setShortcuts] = useState(false);
  const openShortcuts = useCallback(() => setShortcuts(true), []);

  useShortcut({
    keys: "mod+k",
    label: t("shortcuts.palette"),
    scope: "global",
    inFields: true,
    run: () => setPalette((open) => !open),
  });
  useShortcut({
    keys: "?",
    label: t("shortcuts.list"),
    scope: "global",
    run: openShortcuts,
  });

  return (
    <LayerProvider>
      <Sprite />
      <div className="app-root min-h-dvh md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
        <a
          href="#content"
          className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-on-primary text-sm focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          {t("common.skipToContent")}
        </a>
        <aside className="sticky top-0 hidden h-dvh flex-col border-r bg-canvas md:flex">
          <Link
            href="/"
            className="flex h-(--header) items-center gap-2 px-4 font-semibold tracking-tight"
          >
            <Logo className="size-5 text-primary" />
            {t("common.product")}
          </Link>
          <div className="flex-1 px-2 py-2">
            <Navigation />
          </div>
        </aside>
        <div className="flex min-h-dvh min-w-0 flex-col">
          <header className="sticky top-0 z-20 border-b bg-canvas">
            <div className="flex h-(--header) items-center gap-2 px-4">
              <Link href="/" aria-label={t("common.nav.home")} className="mr-1 md:hidden">
                <Logo className="size-5 text-primary" />
              </Link>
              <Breadcrumbs />
              <Button
                variant="secondary"
                size="sm"
                className="w-7 justify-center px-0 font-normal text-muted md:w-56 md:justify-start md:px-2"
                onClick={() => setPalette(true)}
                aria-label={t("common.palette.open")}
              >
                <Search aria-hidden className="size-3.5!" />
                <span className="hidden flex-1 text-left md:inline">
                  {t("common.palette.hint")}
                </span>
                <Kbd keys="mod+k" hint className="hidden md:inline-flex" />
              </Button>
              <InboxBell />
              <DisplayMenu initialTheme={initialTheme} onShortcuts={openShortcuts} />
            </div>
            <ConnectionBanner />
          </header>
          <main
            id="content"
            tabIndex={-1}
            className="flex min-w-0 flex-1 flex-col pb-(--bottom-bar) outline-none md:pb-0"
          >
            {children}
            <LayerSlot />
          </main>
        </div>
        <BottomBar />
        <PaletteHost open={palette} onOpenChange={setPalette} />
        <ShortcutsDialog open={shortcuts} onOpenChange={setShortcuts} />
      </div>
    </LayerProvider>
  );
}
