import type { Page } from 'puppeteer-core';
import { byTestId } from './people.ts';

export type RelayTransport = 'udp' | 'tcp' | 'tls';

/**
 * From the next navigation on, the page's peer connections may use the relay alone, by one transport; `undefined` takes
 * that back. It is the page's browser that is bound, the page itself asks for what it always asks for.
 */
export const createRelayBinding = (page: Page) => {
  let identifier: string | undefined;
  return async (transport: RelayTransport | undefined): Promise<void> => {
    if (identifier !== undefined) await page.removeScriptToEvaluateOnNewDocument(identifier);
    identifier = undefined;
    if (transport === undefined) return;
    const script = await page.evaluateOnNewDocument((over: string) => {
      const kindOf = (url: string): string =>
        url.startsWith('turns:') ? 'tls' : url.includes('transport=tcp') ? 'tcp' : 'udp';
      const Native = RTCPeerConnection;
      window.RTCPeerConnection = class extends Native {
        constructor(configuration: RTCConfiguration = {}) {
          const iceServers = (configuration.iceServers ?? []).map((server) => ({
            ...server,
            urls: [server.urls].flat().filter((url) => kindOf(url) === over),
          }));
          super({ ...configuration, iceTransportPolicy: 'relay', iceServers });
        }
      };
    }, transport);
    identifier = script.identifier;
  };
};

/** Opens the settings of the visit and waits until they name the way that the media takes. */
export const waitForPath = async (page: Page, path: string): Promise<void> => {
  await page.locator(byTestId('open-devices')).click();
  await page.waitForSelector(`${byTestId('media-path')}[data-path="${path}"]`);
};

/** A metric of the edge that served the page: the sum over its labels that hold `labels`. */
export const readMetric = (page: Page, name: string, labels = ''): Promise<number> =>
  page.evaluate(
    async (wanted, part) => {
      const text = await (await fetch('/metrics')).text();
      return text
        .split('\n')
        .filter((line) => (line.startsWith(`${wanted} `) || line.startsWith(`${wanted}{`)) && line.includes(part))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    },
    name,
    labels,
  );
