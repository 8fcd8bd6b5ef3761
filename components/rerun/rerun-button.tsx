"use client";
import { ChevronDown, RotateCcw } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { Menu, MenuGroup, MenuItem, MenuLink, MenuSeparator } from "#components/ui/menu.tsx";
import type { RunState } from "#server/core/run/states.ts";

/** The scope that a rerun begins with: what did not succeed, or everything. */
export const defaultScope = (state: RunState): string => (state === "succeeded" ? "all" : "failed");

/** Rerun, with the other ways to run it again behind the arrow. */
export function RerunButton({
  run,
  task,
  name,
  onOpen,
}: {
  run: { id: string; flow: string; state: RunState };
  /** The chosen task, which a rerun may begin from. */
  task: string | null;
  /** What people call it. */
  name: string | null;
  onOpen: (scope: string) => void;
}) {
  const t = useTranslations("rerun");
  return (
    <div className="flex">
      <Button
        variant="primary"
        className="rounded-r-none"
        onClick={() => onOpen(defaultScope(run.state))}
      >
        <RotateCcw aria-hidden />
        {t("rerun")}
      </Button>
      <Menu
        trigger={
          <Button
            variant="primary"
            className="w-8 rounded-l-none border-l-on-primary/25 px-0"
            aria-label={t("more")}
          >
            <ChevronDown aria-hidden />
          </Button>
        }
      >
        <MenuGroup label={t("identical")}>
          <MenuItem onClick={() => onOpen("failed")}>{t("scope.failed")}</MenuItem>
          {task === null ? null : (
            <MenuItem onClick={() => onOpen(`from:${task}`)}>
              <span className="truncate">{t("scope.from", { task: name ?? task })}</span>
            </MenuItem>
          )}
          <MenuItem onClick={() => onOpen("all")}>{t("scope.all")}</MenuItem>
        </MenuGroup>
        <MenuSeparator />
        <MenuLink href={changesHref(run)}>{t("withChanges")}</MenuLink>
      </Menu>
    </div>
  );
}

/** The form of a new run, filled from this one. */
export const changesHref = (run: { id: string; flow: string }): string =>
  `/flows/${encodeURIComponent(run.flow)}/run?from=${run.id}`;
