/** Address of two runs side by side. */
export const compareHref = (a: string, b: string): string => `/runs/compare?a=${a}&b=${b}`;
