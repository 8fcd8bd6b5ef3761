import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const fieldClass =
  "w-full rounded-md border border-line-strong bg-surface text-text text-sm transition-colors duration-100 hover:border-faint focus:border-accent focus:outline-none focus-visible:ring-2 focus-visible:ring-accent/30 disabled:opacity-50 aria-invalid:border-failed-solid";

export function Input({ className, type = "text", ...props }: ComponentProps<"input">) {
  return <input type={type} className={cn(fieldClass, "h-8 px-2.5", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(fieldClass, "min-h-20 px-2.5 py-1.5", className)} {...props} />;
}
