"use client";
import { CircleAlert } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { startTransition } from "react";
import { Page } from "#components/shell/page.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

/** Shown when a page could not be rendered. `digest` names the error in the server's log. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const t = useTranslations("errors");
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <Page>
      <h1 className="sr-only">{t("brokenTitle")}</h1>
      <EmptyState
        icon={<CircleAlert />}
        title={t("brokenTitle")}
        action={
          <>
            <Button variant="primary" onClick={retry}>
              {t("retry")}
            </Button>
            <ButtonLink href="/">{t("home")}</ButtonLink>
          </>
        }
      >
        <p>{t("broken")}</p>
        {error.digest === undefined ? null : (
          <p className="mt-1 font-mono text-xs">{t("reference", { id: error.digest })}</p>
        )}
      </EmptyState>
    </Page>
  );
}
