"use client";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";

/** The secret of a webhook, the one time that it can be seen. */
export function SecretDialog({
  name,
  secret,
  onClose,
}: {
  name: string;
  secret: string;
  onClose: () => void;
}) {
  const t = useTranslations("notifications");
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("secretTitle", { name })}
      description={t("secretOnce")}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t("secretDone")}
        </Button>
      }
    >
      <div className="grid gap-3">
        <div className="flex items-center gap-2 rounded-md border bg-canvas py-1.5 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 break-all font-mono text-sm">{secret}</code>
          <CopyButton text={secret} label={t("copySecret")} />
        </div>
        <p className="text-muted text-sm">{t("secretUse")}</p>
      </div>
    </Dialog>
  );
}
