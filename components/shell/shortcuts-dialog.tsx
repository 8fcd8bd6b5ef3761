"use client";
import { useTranslations } from "next-intl";
import { Dialog } from "#components/ui/dialog.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { type ShortcutInfo, useShortcutList } from "./shortcuts.tsx";

function Group({ title, items }: { title: string; items: readonly ShortcutInfo[] }) {
  if (items.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 font-medium text-faint text-xs">{title}</h3>
      <dl>
        {items.map((item) => (
          <div
            key={item.id}
            className="flex items-center gap-3 border-t py-1.5 text-sm first:border-0"
          >
            <dt className="flex-1">{item.label}</dt>
            <dd>
              <Kbd keys={item.keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The list behind `?`: what works everywhere and what works on this page, now. */
export function ShortcutsDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations("shortcuts");
  const list = useShortcutList();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t("title")} className="max-w-md">
      <div className="grid gap-4">
        <Group title={t("page")} items={list.filter((item) => item.scope === "page")} />
        <Group title={t("everywhere")} items={list.filter((item) => item.scope === "global")} />
      </div>
    </Dialog>
  );
}
