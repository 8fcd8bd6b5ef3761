/** Which log: of an attempt of a task, or of one task run of its list. */
export interface LogPlace {
  run: string;
  task: string;
  /** Place in the list, from 0. */
  item?: number | undefined;
  attempt: number;
}

/** Address of an attempt's log, byte for byte as stored. */
export function logHref({ run, task, item, attempt }: LogPlace): string {
  const part = item === undefined ? "" : `?item=${item}`;
  return `/api/runs/${run}/tasks/${encodeURIComponent(task)}/attempts/${attempt}/log${part}`;
}

/**
 * Puts text that has yet to be fetched on the clipboard. The promise is handed to the browser at once,
 * because it allows copying only in answer to a click.
 * @throws when the text cannot be had or the browser refuses
 */
export async function copyLater(text: () => Promise<string>): Promise<void> {
  if (typeof ClipboardItem === "undefined") {
    await navigator.clipboard.writeText(await text());
    return;
  }
  const blob = text().then((value) => new Blob([value], { type: "text/plain" }));
  await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}

/** @throws when the server does not answer with the log */
export async function fetchLog(href: string): Promise<string> {
  const response = await fetch(href);
  if (!response.ok) throw new Error(`The log was not delivered (${response.status}).`);
  return response.text();
}
