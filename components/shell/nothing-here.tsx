import { SearchX } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Page } from "./page.tsx";

/** The page of an address that leads nowhere. @param flow when it names a flow */
export async function NothingHere({ flow = false }: { flow?: boolean }) {
  const t = await getTranslations("errors");
  return (
    <Page>
      <h1 className="sr-only">{t("notFoundTitle")}</h1>
      <EmptyState
        icon={<SearchX />}
        title={t(flow ? "flowNotFound" : "notFoundTitle")}
        action={<ButtonLink href={flow ? "/flows" : "/"}>{t(flow ? "flows" : "home")}</ButtonLink>}
      >
        {t("notFound")}
      </EmptyState>
    </Page>
  );
}
