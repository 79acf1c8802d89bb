import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'puppeteer-core';
import { makeAuthority, tlsEnv } from '../authority.ts';
import { startBedside } from '../bedside.ts';
import { launchBrowser } from '../browser.ts';
import { captureFiles } from '../media-files.ts';
import type { JoinTimes } from '../page/join-meter.ts';
import { byTestId, clickTestId, meet, nextVisit, openVisit, signIn } from '../people.ts';
import { waitForPath } from '../relay-only.ts';
import { CLINIC_IP, HOSPITAL_IP, openHospitalNetwork } from './hospital-network.ts';

/** 20 ms each way: a round trip of 40 ms. */
const DELAY_MS = 20;
const TURN_PORT = 3478;
/** What is dropped is never answered; by then it would have been. */
const NOTHING_COMES_MS = 4_000;

const ROOT = new URL('../../../', import.meta.url).pathname;

export interface HospitalJoin {
  /** Click to the first remote frame. */
  readonly frameMs: number;
  /** From when the browser looks for its addresses to ICE connected: TCP, TLS, allocation, permission, the first answer. */
  readonly channelMs: number;
  readonly times: JoinTimes;
}

/** A provider at the clinic, a patient in a hospital that lets out TCP 443 alone. */
export interface HospitalLab extends AsyncDisposable {
  /** Before the firewall is closed: what it is to keep out gets through, so that its absence later says something. */
  readonly open: Controls;
  readonly closed: Controls;
  /** One join of the patient through the firewall. Throws where no frame comes, or not through TURN over TLS. */
  join(): Promise<HospitalJoin>;
  /** The same join by a page that may not use the relay: whether a frame comes all the same. */
  joinsWithoutRelay(): Promise<boolean>;
}

/** Whether something gets through. */
export interface Controls {
  readonly turnOverUdp: boolean;
  readonly turnOverTcp: boolean;
  readonly turnOverTls: boolean;
  /** From the clinic to a port in the hospital. */
  readonly intoTheHospital: boolean;
}

const exitCode = async (command: readonly string[]): Promise<number | null> => {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: ROOT, stdio: 'ignore' });
  const giveUp = setTimeout(() => child.kill('SIGKILL'), NOTHING_COMES_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(giveUp);
  return code;
};

const CONNECT = `require('node:net').connect(PORT, '${HOSPITAL_IP}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
const LISTEN = `require('node:net').createServer((s) => s.end()).listen(PORT, '${HOSPITAL_IP}', () => console.log('up'))`;
const INBOUND_PORT = 8443;

const markOf = ({ marks }: JoinTimes, name: string): number =>
  marks.find((mark) => mark.name === name)?.atMs ?? Number.NaN;

/** Starts all of it: networks, Bedside behind TLS on 443, two browsers, and the patient admitted. Needs root. */
export const openHospitalLab = async (): Promise<HospitalLab> => {
  await using opening = new AsyncDisposableStack();
  const network = opening.use(await openHospitalNetwork(DELAY_MS));
  const authority = opening.use(await makeAuthority([`IP:${CLINIC_IP}`]));
  const bedside = opening.use(
    await startBedside({
      port: 443,
      within: network.inside(network.clinic),
      env: {
        ...tlsEnv(authority),
        BEDSIDE_HOST: CLINIC_IP,
        BEDSIDE_PUBLIC_URL: `https://${CLINIC_IP}`,
        BEDSIDE_MEDIA_LISTEN_IP: CLINIC_IP,
        BEDSIDE_TURN_PORT: String(TURN_PORT),
      },
    }),
  );

  const inbound = spawn(
    'ip',
    ['netns', 'exec', network.hospital, process.execPath, '-e', LISTEN.replace('PORT', String(INBOUND_PORT))],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  opening.defer(async () => {
    const gone = once(inbound, 'exit');
    if (inbound.kill()) await gone;
  });
  await once(inbound.stdout, 'data');
  const reaches = async (url: string): Promise<boolean> => {
    const check = ['turn/src/check/main.ts', '--url', url, '--ca', authority.caFile];
    return (await exitCode([...network.inside(network.hospital), process.execPath, ...check])) === 0;
  };
  const controls = async (): Promise<Controls> => ({
    turnOverUdp: await reaches(`turn:${CLINIC_IP}:${TURN_PORT}?transport=udp`),
    turnOverTcp: await reaches(`turn:${CLINIC_IP}:${TURN_PORT}?transport=tcp`),
    turnOverTls: await reaches(`turns:${CLINIC_IP}:443`),
    intoTheHospital:
      (await exitCode([
        ...network.inside(network.clinic),
        process.execPath,
        '-e',
        CONNECT.replace('PORT', String(INBOUND_PORT)),
      ])) === 0,
  });
  const open = await controls();
  await network.closeFirewall();
  const closed = await controls();

  const openFor = async (person: 0 | 1, inNetwork: string): Promise<Page> => {
    const browser = await launchBrowser({
      capture: await captureFiles(person),
      home: authority.home,
      within: network.inside(inNetwork),
    });
    return opening.use(browser).newPage();
  };
  const provider = await openFor(0, network.clinic);
  const patient = await openFor(1, network.hospital);
  await signIn(provider, bedside.origin, 'Dr. Amara Okafor');
  await signIn(patient, bedside.origin, 'Ruth Lindqvist');
  const { encounterId } = await nextVisit(patient);
  await meet({ patient, provider }, { origin: bedside.origin, encounterId });

  const enter = async (): Promise<void> => {
    await openVisit(patient, bedside.origin, encounterId);
    await patient.waitForSelector(byTestId('preview-video'));
    await clickTestId(patient, 'device-ready');
  };
  const stack = opening.move();
  return {
    open,
    closed,
    join: async () => {
      await enter();
      const times = await patient.evaluate(() => window.bedsideProbe.join.done);
      await waitForPath(patient, 'relay-tls');
      return {
        times,
        frameMs: times.totalMs,
        channelMs: markOf(times, 'first ICE connected') - markOf(times, 'looks for its addresses'),
      };
    },
    joinsWithoutRelay: async () => {
      const { identifier } = await patient.evaluateOnNewDocument(() => {
        const Native = RTCPeerConnection;
        window.RTCPeerConnection = class extends Native {
          constructor(configuration: RTCConfiguration = {}) {
            super({ ...configuration, iceServers: [] });
          }
        };
      });
      await enter();
      const came = await patient.evaluate(
        (ms) =>
          Promise.race([
            window.bedsideProbe.join.done.then(() => true),
            new Promise<boolean>((resolve) => setTimeout(resolve, ms, false)),
          ]),
        NOTHING_COMES_MS,
      );
      await patient.removeScriptToEvaluateOnNewDocument(identifier);
      return came;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
