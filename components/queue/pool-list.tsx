"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { SlotMeter } from "#components/runner/slot-meter.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { useThrownText } from "#components/shell/error-text.ts";
import { Ago, useNumberText } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Table, Td, Th, Tr } from "#components/ui/table.tsx";
import type { PoolView } from "#server/core/queue/view.ts";
import { SaturationText } from "./saturation.tsx";
import { SlotsDialog } from "./slots-dialog.tsx";

const MOST_SLOTS = 10_000;

/** Pools with their slots, and the way to change them. */
export function PoolList({ pools, serverNow }: { pools: readonly PoolView[]; serverNow: string }) {
  const t = useTranslations("queue");
  const number = useNumberText();
  const [edited, setEdited] = useState<PoolView | null>(null);
  return (
    <Panel title={t("pools.title")} count={number(pools.length)}>
      <Table aria-label={t("pools.title")}>
        <thead>
          <tr>
            <Th>{t("pools.pool")}</Th>
            <Th>{t("pools.slots")}</Th>
            <Th className="text-right">{t("pools.ready")}</Th>
            <Th className="hidden sm:table-cell">{t("pools.oldest")}</Th>
            <Th className="hidden md:table-cell">{t("pools.full")}</Th>
            <Th>
              <span className="sr-only">{t("pools.actions")}</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {pools.map((pool) => (
            <Tr key={pool.name}>
              <Td className="max-w-40 truncate font-medium" title={pool.name}>
                {pool.name}
              </Td>
              <Td>
                {pool.slots === null ? (
                  <span className="whitespace-nowrap text-muted text-xs">
                    {t("pools.unlimited", { running: pool.running })}
                  </span>
                ) : (
                  <SlotMeter running={pool.running} slots={pool.slots} />
                )}
              </Td>
              <Td className="text-right tabular-nums">{number(pool.ready)}</Td>
              <Td className="hidden text-muted sm:table-cell">
                {pool.oldestReadyAt === null ? (
                  "–"
                ) : (
                  <Ago at={pool.oldestReadyAt} serverNow={serverNow} />
                )}
              </Td>
              <Td className="hidden md:table-cell">
                {pool.full === null ? (
                  <span className="text-faint">–</span>
                ) : (
                  <SaturationText full={pool.full} />
                )}
              </Td>
              <Td className="text-right">
                <Button
                  size="sm"
                  aria-label={t("pools.editOf", { pool: pool.name })}
                  onClick={() => setEdited(pool)}
                >
                  {t("pools.edit")}
                </Button>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {edited === null ? null : <PoolDialog pool={edited} onClose={() => setEdited(null)} />}
    </Panel>
  );
}

function PoolDialog({ pool, onClose }: { pool: PoolView; onClose: () => void }) {
  const t = useTranslations("queue");
  const textOf = useThrownText();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const set = useMutation(
    trpc.pools.set.mutationOptions({
      onSuccess: async ({ name, slots }) => {
        await queryClient.invalidateQueries({ queryKey: trpc.queue.get.pathKey() });
        toast.success(
          slots === null
            ? t("pools.savedUnlimited", { pool: name })
            : t("pools.saved", { pool: name, slots }),
        );
        onClose();
      },
    }),
  );
  return (
    <SlotsDialog
      title={t("pools.editTitle", { pool: pool.name })}
      description={t("pools.editHint")}
      slots={pool.slots}
      least={0}
      most={MOST_SLOTS}
      unlimited
      busy={set.isPending}
      error={set.error === null ? null : textOf(set.error).message}
      onSave={(slots) => set.mutate({ pool: pool.name, slots })}
      onClose={onClose}
    />
  );
}
