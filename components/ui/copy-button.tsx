"use client";
import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Button, type ButtonSize } from "./button.tsx";

/** Copies `text`, and says so for two seconds. `label` names what is copied. */
export function CopyButton({
  text,
  label,
  size = "icon-sm",
  className,
}: {
  text: string;
  label: string;
  size?: ButtonSize;
  className?: string;
}) {
  const t = useTranslations("common");
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toast.error(t("copyFailed"));
    }
  };
  return (
    <Button
      variant="ghost"
      size={size}
      className={className}
      aria-label={copied ? t("copied") : label}
      title={label}
      onClick={() => void copy()}
    >
      {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
    </Button>
  );
}
