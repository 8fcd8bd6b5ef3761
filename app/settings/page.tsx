import { redirect } from "next/navigation";

/** There is one page of settings so far. */
export default function Page(): never {
  redirect("/settings/notifications");
}
