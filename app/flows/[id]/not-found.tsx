import { SearchX } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { Page } from "#components/shell/page.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

export default async function FlowNotFound() {
  const t = await getTranslations("errors");
  return (
    <Page>
      <h1 className="sr-only">{t("notFoundTitle")}</h1>
      <EmptyState
        icon={<SearchX />}
        title={t("flowNotFound")}
        action={<ButtonLink href="/flows">{t("flows")}</ButtonLink>}
      >
        {t("notFound")}
      </EmptyState>
    </Page>
  );
}
