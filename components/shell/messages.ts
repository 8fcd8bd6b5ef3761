/** Gives every catalogue key a type: a misspelt key does not compile. */
import type { messages } from "#messages/en.ts";
import type { Locale } from "./locale.ts";

declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof messages;
  }
}
