"use client";
import { Keyboard, SlidersHorizontal } from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import type { ZoneMode } from "#components/time/format.ts";
import { useZoneMode } from "#components/time/zone.tsx";
import { buttonClass } from "#components/ui/button.tsx";
import { Menu, MenuChoice, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import { type Locale, localeNames, locales } from "./locale.ts";
import { remember, type Theme } from "./preferences.ts";

/** Theme, language and time zone, and the list of shortcuts. */
export function DisplayMenu({
  initialTheme,
  onShortcuts,
}: {
  initialTheme: Theme;
  onShortcuts: () => void;
}) {
  const t = useTranslations("common.settings");
  const router = useRouter();
  const locale = useLocale();
  const { mode, setMode, localZone } = useZoneMode();
  const [theme, setTheme] = useState(initialTheme);

  const chooseTheme = (next: Theme) => {
    setTheme(next);
    remember("idem_theme", next);
    document.documentElement.dataset.theme = next;
  };
  const chooseLocale = (next: Locale) => {
    remember("idem_locale", next);
    router.refresh();
  };

  return (
    <Menu
      className="min-w-60"
      trigger={
        <button type="button" aria-label={t("label")} className={buttonClass("ghost", "icon")}>
          <SlidersHorizontal aria-hidden />
        </button>
      }
    >
      <MenuChoice<ZoneMode>
        label={t("timeZone")}
        value={mode}
        onChange={setMode}
        options={[
          { value: "utc", label: t("utc") },
          { value: "local", label: t("local"), hint: localZone },
          { value: "flow", label: t("flow") },
        ]}
      />
      <MenuSeparator />
      <MenuChoice<Theme>
        label={t("theme")}
        value={theme}
        onChange={chooseTheme}
        options={[
          { value: "system", label: t("system") },
          { value: "light", label: t("light") },
          { value: "dark", label: t("dark") },
        ]}
      />
      <MenuSeparator />
      <MenuChoice<Locale>
        label={t("language")}
        value={locale}
        onChange={chooseLocale}
        options={locales.map((value) => ({
          value,
          label: <span lang={value}>{localeNames[value]}</span>,
        }))}
      />
      <MenuSeparator />
      <MenuItem onClick={onShortcuts}>
        <Keyboard aria-hidden />
        {t("shortcuts")}
      </MenuItem>
    </Menu>
  );
}
