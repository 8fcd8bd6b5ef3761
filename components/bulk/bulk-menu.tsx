"use client";
import { History, ListChecks, RotateCcw, Square } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Menu, MenuItem, MenuLink, MenuSeparator } from "#components/ui/menu.tsx";
import type { BulkKind } from "#server/core/run/bulk-view.ts";
import type { RunFilter } from "#server/core/run/view.ts";
import { BulkDialog } from "./bulk-dialog.tsx";

/** What can be done to all runs that a filter matches. */
export function BulkMenu({ filter }: { filter: RunFilter }) {
  const t = useTranslations("bulk");
  const router = useRouter();
  const [kind, setKind] = useState<BulkKind | null>(null);
  return (
    <>
      <Menu
        trigger={
          <Button>
            <ListChecks aria-hidden />
            {t("menu")}
          </Button>
        }
      >
        <MenuItem onClick={() => setKind("rerun")}>
          <RotateCcw aria-hidden />
          {t("rerunAll")}
        </MenuItem>
        <MenuItem onClick={() => setKind("cancel")}>
          <Square aria-hidden />
          {t("cancelAll")}
        </MenuItem>
        <MenuSeparator />
        <MenuLink href="/runs/bulk">
          <History aria-hidden />
          {t("title")}
        </MenuLink>
      </Menu>
      {kind === null ? null : (
        <BulkDialog
          kind={kind}
          filter={filter}
          onClose={() => setKind(null)}
          onStarted={(id) => router.push(`/runs/bulk/${id}`)}
        />
      )}
    </>
  );
}
