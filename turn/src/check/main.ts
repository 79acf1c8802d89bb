/** `npm run turn:check -- --url turns:host:443`: tells whether a TURN server can be reached and used from here. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { passwordOf } from '../relay/credentials.ts';
import { transportAddress } from '../wire/ip.ts';
import { checkTurn } from './check-turn.ts';
import type { ProbeCredential } from './probe.ts';
import { parseTurnUri } from './turn-uri.ts';

const USAGE = `Usage: npm run turn:check -- --url turns:turn.example.org:443 [options]

  --url URI            turn:host[:port][?transport=udp|tcp] or turns:host[:port]
  --username, --password
                       a credential of the server; or put its shared secret into
                       BEDSIDE_TURN_SECRET, and one is made
  --peer IP:PORT       an address that it should relay to, such as the media server's
  --ca FILE            PEM of an authority beside the system's
`;
const MINTED_SECONDS = 300;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const giveUp = (line: string): never => {
  process.stderr.write(`${line}\n\n${USAGE}`);
  process.exit(2);
};

const readOptions = () => {
  try {
    const string = { type: 'string' } as const;
    return parseArgs({ options: { url: string, username: string, password: string, peer: string, ca: string } }).values;
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error));
  }
};

const credentialOf = (options: {
  username?: string | undefined;
  password?: string | undefined;
}): ProbeCredential | undefined => {
  if (options.username !== undefined && options.password !== undefined)
    return { username: options.username, password: options.password };
  const secret = process.env.BEDSIDE_TURN_SECRET?.split(',')[0]?.trim();
  if (!secret) return undefined;
  const username = `${Math.floor(Date.now() / 1000) + MINTED_SECONDS}:turn-check`;
  return { username, password: passwordOf(secret, username) };
};

const peerOf = (text: string) => {
  const end = text.lastIndexOf(':');
  const ip = text.slice(0, end).replace(/^\[|\]$/g, '');
  return transportAddress(ip, Number(text.slice(end + 1))) ?? giveUp(`--peer ${text} is not an address with a port`);
};

const options = readOptions();
const target = parseTurnUri(options.url ?? giveUp('--url is missing'));
if ('problem' in target) giveUp(target.problem);
else {
  let failed = false;
  const check = checkTurn(
    {
      target,
      credential: credentialOf(options),
      peer: options.peer === undefined ? undefined : peerOf(options.peer),
      ca: options.ca === undefined ? undefined : readFileSync(options.ca, 'utf8'),
    },
    { now: () => performance.now(), randomBytes },
  );
  for await (const { ok, step, detail, durationMs, advice } of check) {
    say(`${ok ? 'ok  ' : 'FAIL'} ${step.padEnd(10)} ${durationMs.toFixed(0).padStart(5)} ms  ${detail}`);
    if (advice !== undefined) say(`\n${advice}`);
    failed ||= !ok;
  }
  process.exitCode = failed ? 1 : 0;
}
