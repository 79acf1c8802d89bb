import { gzipSync } from 'node:zlib';
import type { HTTPResponse, Page } from 'puppeteer-core';

export interface Download {
  readonly path: string;
  /** The body gzipped as a server would, whatever it was sent as. */
  readonly gzipBytes: number;
  /** The body as it was sent. */
  readonly wireBytes: number;
}

/** Everything of the page's own site that it fetches with an empty cache while `open` runs: files and API alike. */
export const downloadOf = async (page: Page, open: () => Promise<void>): Promise<Download[]> => {
  const responses: HTTPResponse[] = [];
  const remember = (response: HTTPResponse): void => void responses.push(response);
  await page.setCacheEnabled(false);
  page.on('response', remember);
  await open();
  page.off('response', remember);
  const downloads = responses.map(async (response): Promise<Download | undefined> => {
    const url = new URL(response.url());
    const type = response.headers()['content-type'] ?? '';
    if (!url.protocol.startsWith('http') || type.startsWith('text/event-stream')) return undefined;
    const body = await response.content().catch(() => new Uint8Array());
    const sent = Number(response.headers()['content-length'] ?? body.length);
    // Names of visits stand in paths; the table shows what kind of thing was fetched.
    const path = url.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id');
    return { path, gzipBytes: body.length === 0 ? 0 : gzipSync(body, { level: 9 }).length, wireBytes: sent };
  });
  return (await Promise.all(downloads)).filter((download) => download !== undefined);
};
