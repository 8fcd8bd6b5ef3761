import { cn } from "#components/ui/cn.ts";
import type { CellLook } from "./heat-draw.ts";

/** A cell as the map draws it, for legends and filters. */
export function CellSwatch({ look, className }: { look: CellLook; className?: string }) {
  const color = `var(${look.color})`;
  const mark = look.outline ? color : "var(--surface)";
  return (
    <svg aria-hidden viewBox="0 0 12 12" className={cn("size-3 shrink-0", className)}>
      <rect
        x="0.75"
        y="0.75"
        width="10.5"
        height="10.5"
        rx="2"
        fill={look.outline ? "none" : color}
        stroke={color}
        strokeWidth="1.5"
      />
      {look.glyph === "cross" ? (
        <path d="M3.5 3.5 8.5 8.5M8.5 3.5 3.5 8.5" stroke={mark} strokeWidth="1.6" />
      ) : null}
      {look.glyph === "slash" ? (
        <path d="M8.5 3.5 3.5 8.5" stroke={mark} strokeWidth="1.4" />
      ) : null}
      {look.glyph === "dot" ? <circle cx="6" cy="6" r="2" fill={mark} /> : null}
      {look.glyph === "square" ? <rect x="4" y="4" width="4" height="4" fill={mark} /> : null}
    </svg>
  );
}
