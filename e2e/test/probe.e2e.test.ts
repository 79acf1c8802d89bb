import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, type TestBrowser } from '../src/browser.ts';
import { framesBetween } from '../src/frame-code.ts';
import { captureFiles, TONE_HZ, VIDEO_FRAME_COUNT } from '../src/media-files.ts';

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html');
    res.end(
      '<!doctype html><title>Loopback</title><button>call</button><video id="remote" autoplay playsinline></video>',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Cameras are given to secure contexts only; localhost is one.
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Calls itself over two peer connections when clicked, with a video of `maxBitrateBps` scaled down by `scale`. */
const callItself = (settings: { maxBitrateBps: number; scale: number }): void => {
  const call = async (): Promise<void> => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
    const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
    here.onicecandidate = ({ candidate }) => void there.addIceCandidate(candidate ?? undefined);
    there.onicecandidate = ({ candidate }) => void here.addIceCandidate(candidate ?? undefined);
    const received = new MediaStream();
    there.ontrack = ({ track }) => {
      received.addTrack(track);
      const video = document.querySelector('video');
      if (video !== null) video.srcObject = received;
    };
    for (const track of stream.getTracks()) {
      here.addTransceiver(track, {
        sendEncodings:
          track.kind === 'video'
            ? [{ maxBitrate: settings.maxBitrateBps, scaleResolutionDownBy: settings.scale }]
            : [{}],
      });
    }
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription ?? { type: 'offer' });
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription ?? { type: 'answer' });
  };
  document.querySelector('button')?.addEventListener('click', () => void call());
};

const open = async (browser: TestBrowser) => {
  const page = await browser.newPage();
  await page.goto(origin);
  return page;
};

describe('a made camera and microphone, sent over WebRTC', () => {
  test.each([
    { person: 1, maxBitrateBps: 60_000, scale: 4 },
    { person: 2, maxBitrateBps: 500_000, scale: 1 },
  ] as const)('person $person is read at $maxBitrateBps bit/s, scaled by $scale', async ({ person, ...settings }) => {
    await using browser = await launchBrowser({ capture: await captureFiles(person) });
    const page = await open(browser);
    await page.evaluate(callItself, settings);
    await page.click('button');

    const times = await page.evaluate(() => window.bedsideProbe.join.done);
    expect(times.totalMs).toBeGreaterThan(0);
    expect(times.marks.map(({ name }) => name)).toContain('first DTLS connected');

    const readings = await page.evaluate(() => window.bedsideProbe.frames('#remote', 45));
    const good = readings.filter(({ ok }) => ok);
    expect(good.length).toBeGreaterThanOrEqual(40);
    expect(new Set(good.map((reading) => reading.person))).toEqual(new Set([person]));
    const steps = good
      .slice(1)
      .map((reading, index) => framesBetween(good[index]?.counter ?? 0, reading.counter, VIDEO_FRAME_COUNT));
    expect(Math.max(...steps)).toBeLessThan(15);
    expect(steps.reduce((sum, step) => sum + step, 0)).toBeGreaterThan(30);

    const tone = await page.evaluate(() => window.bedsideProbe.tone('#remote'));
    expect(Math.abs(tone.frequencyHz - TONE_HZ[person])).toBeLessThan(15);
    expect(tone.levelDb).toBeGreaterThan(-50);
  });
});

describe('browsers that cannot', () => {
  const askForCamera = () =>
    navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then(
      () => 'given',
      (error: unknown) => (error instanceof DOMException ? error.name : String(error)),
    );

  test.each([
    { camera: 'refused', answer: 'NotAllowedError' },
    { camera: 'missing', answer: 'NotFoundError' },
  ] as const)('a camera that is $camera answers $answer', async ({ camera, answer }) => {
    await using browser = await launchBrowser({ camera });
    expect(await (await open(browser)).evaluate(askForCamera)).toBe(answer);
  });

  test('a browser without WebRTC has none', async () => {
    await using browser = await launchBrowser({ webRtc: false });
    expect(await (await open(browser)).evaluate(() => 'RTCPeerConnection' in window)).toBe(false);
  });
});
