import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { environment } from './env.ts';
import type { CaptureFiles } from './media-files.ts';
import { watchPolicy } from './policy-breaches.ts';
import { installProbe } from './probe-script.ts';
import { killTree } from './process-tree.ts';

export interface BrowserOptions {
  /** What camera and microphone take; without it Chromium's own test picture. */
  readonly capture?: CaptureFiles;
  /** `allowed` (default), `refused`: the person says no; `missing`: the machine has neither camera nor microphone. */
  readonly camera?: 'allowed' | 'refused' | 'missing';
  /** False: a browser without WebRTC. */
  readonly webRtc?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: boolean;
  /** Home folder, in which Chromium looks for authorities it is to trust. */
  readonly home?: string;
  /** The profile's folder, for whoever wants to look at it afterwards; when left out, one that goes away with `close()`. */
  readonly profileDir?: string;
  /** Port of an HTTP proxy on this machine through which everything goes. */
  readonly proxyPort?: number;
  /** A command that runs the browser somewhere else, such as in another network. It has to become the browser. */
  readonly within?: readonly string[];
}

export interface TestBrowser extends AsyncDisposable {
  readonly pid: number;
  /**
   * A page with the probe in it; in front, so that it renders. `ownCookies`: of a profile of its own, for browsers that
   * several people share.
   */
  newPage(options?: { ownCookies?: boolean }): Promise<Page>;
  /** Throws where a page tried what its content security policy or its trusted types refuse: no page of ours ever does. */
  close(): Promise<void>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** `CHROMIUM_BIN` (or puppeteer's own variable), else the first browser of the PATH. Rejects with what to install. */
export const findChromium = async (env = environment): Promise<string> => {
  const given = env.CHROMIUM_BIN ?? env.PUPPETEER_EXECUTABLE_PATH;
  if (given) return given;
  for (const name of NAMES) {
    for (const dir of (env.PATH ?? '').split(delimiter)) {
      const path = join(dir, name);
      if (
        await access(path).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
  }
  throw new Error(
    'There is no Chromium. Install it (Debian: apt-get install -y --no-install-recommends chromium) or set CHROMIUM_BIN.',
  );
};

const flags = (options: BrowserOptions): string[] => [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ...(options.camera === 'missing' ? [] : ['--use-fake-device-for-media-stream']),
  ...(options.camera === 'refused' ? ['--deny-permission-prompts'] : ['--use-fake-ui-for-media-stream']),
  ...(options.capture === undefined
    ? []
    : [
        `--use-file-for-fake-video-capture=${options.capture.videoPath}`,
        `--use-file-for-fake-audio-capture=${options.capture.audioPath}`,
      ]),
  ...(options.proxyPort === undefined
    ? []
    : [`--proxy-server=http://127.0.0.1:${options.proxyPort}`, '--proxy-bypass-list=<-loopback>']),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-first-run',
  // Pages behind others go on as if somebody looked at them.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--mute-audio',
  // Peers of one machine find each other by address: mDNS names need a network that is not there.
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns,Translate,MediaRouter',
];

/** A program that becomes the command, with the arguments that it is given. */
const wrap = async (folder: string, command: readonly string[]): Promise<string> => {
  const path = join(folder, 'browser');
  await writeFile(path, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  return path;
};

/** Starts a Chromium of its own for one person: its own profile, camera and microphone; nothing of it stays. */
export const launchBrowser = async (options: BrowserOptions = {}): Promise<TestBrowser> => {
  const profileDir = options.profileDir ?? (await mkdtemp(join(tmpdir(), 'bedside-chromium-')));
  const removeProfile = async (): Promise<void> => {
    if (options.profileDir === undefined)
      await rm(profileDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const executablePath = await findChromium();
  const browser: Browser = await launch({
    executablePath:
      options.within === undefined ? executablePath : await wrap(profileDir, [...options.within, executablePath]),
    headless: true,
    // A port of the browser's would be one of its own network.
    pipe: options.within !== undefined,
    userDataDir: profileDir,
    args: flags(options),
    ...(options.home === undefined ? {} : { env: { ...environment, HOME: options.home } }),
    defaultViewport: options.viewport ?? { width: 1280, height: 800 },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  }).catch(async (error: unknown) => {
    await removeProfile();
    throw error;
  });
  const pid = browser.process()?.pid ?? 0;
  const breaches = new Set<string>();

  const newPage = async ({ ownCookies = false } = {}): Promise<Page> => {
    const page = await (ownCookies ? await browser.createBrowserContext() : browser).newPage();
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: options.colorScheme ?? 'light' },
      { name: 'prefers-reduced-motion', value: options.reducedMotion === true ? 'reduce' : 'no-preference' },
    ]);
    if (options.webRtc === false) {
      await page.evaluateOnNewDocument(() => {
        for (const name of [
          'RTCPeerConnection',
          'webkitRTCPeerConnection',
          'RTCRtpSender',
          'RTCRtpReceiver',
          'RTCRtpTransceiver',
        ]) {
          Reflect.deleteProperty(window, name);
        }
      });
    } else await installProbe(page);
    await watchPolicy(page, (words) => breaches.add(words));
    await page.bringToFront();
    return page;
  };

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await browser.close().catch(() => undefined);
      await killTree(pid);
      await removeProfile();
      if (breaches.size > 0) throw new Error(`A page broke its content security policy: ${[...breaches].join('; ')}`);
    })();
    return closing;
  };
  return { pid, newPage, close, [Symbol.asyncDispose]: close };
};
