import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { environment } from '../env.ts';

const run = promisify(execFile);

export const CLINIC_IP = '10.77.0.1';
export const HOSPITAL_IP = '10.77.0.2';

const DELAY_LINE = new URL('./delay-line.pl', import.meta.url).pathname;

/** Programs that the lab calls, with the Debian package of each. */
const PROGRAMS = {
  ip: 'iproute2',
  nft: 'nftables',
  openssl: 'openssl',
  certutil: 'libnss3-tools',
  perl: 'perl-base',
} as const;
export type LabProgram = keyof typeof PROGRAMS;

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const hasProgram = async (name: string): Promise<boolean> => {
  const folders = `${environment.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  return (await Promise.all(folders.map((folder) => isThere(join(folder, name))))).some(Boolean);
};

/** Why a test cannot run here, as a sentence; undefined when it can. `networks`: it makes networks of its own. */
export const whyNot = async (options: {
  programs: readonly LabProgram[];
  networks: boolean;
}): Promise<string | undefined> => {
  for (const name of options.programs)
    if (!(await hasProgram(name))) return `there is no ${name} here: apt-get install ${PROGRAMS[name]}`;
  if (!options.networks) return undefined;
  if (process.getuid?.() !== 0) return 'only root may make networks';
  return (await isThere('/dev/net/tun')) ? undefined : 'this machine has no /dev/net/tun';
};

/** Two networks, and between them a link that takes its time; nothing else leads into or out of either. */
export interface HospitalNetwork extends AsyncDisposable {
  readonly clinic: string;
  readonly hospital: string;
  /** From now on the hospital lets out TCP 443 to the clinic and its answers back in, and drops everything else. */
  closeFirewall(): Promise<void>;
  /** The command that runs a program in one of the two. */
  inside(network: string): readonly string[];
}

/** nft takes a file of several lines only. */
const FIREWALL = `table inet hospital {
  chain out {
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    ip daddr ${CLINIC_IP} tcp dport 443 accept
  }
  chain in {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ip saddr ${CLINIC_IP} tcp sport 443 ct state established accept
  }
}
`;

const ip = (...args: string[]) => run('ip', args);

/** `delayMs`: one way. Needs root; ask `whyNot` before. */
export const openHospitalNetwork = async (delayMs: number): Promise<HospitalNetwork> => {
  await using opening = new AsyncDisposableStack();
  const makeNetwork = async (name: string): Promise<string> => {
    const full = `bs-${name}-${process.pid}`;
    await ip('netns', 'add', full);
    opening.defer(() => ip('netns', 'del', full).then(() => undefined));
    await ip('-n', full, 'link', 'set', 'lo', 'up');
    return full;
  };
  const clinic = await makeNetwork('clinic');
  const hospital = await makeNetwork('hospital');

  const devices = ['a', 'b'].map((end) => `bs${end}${process.pid}`);
  const [first = '', second = ''] = devices;
  const line = spawn('perl', [DELAY_LINE, first, second, String(delayMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  opening.defer(async () => {
    const gone = once(line, 'exit');
    line.stdin.end();
    if (line.exitCode === null && line.signalCode === null) await gone;
  });
  await Promise.race([
    once(line.stdout, 'data'),
    once(line, 'exit').then(() => {
      throw new Error('The delay line ended before it was ready.');
    }),
  ]);
  for (const [device, network, address] of [
    [first, clinic, CLINIC_IP],
    [second, hospital, HOSPITAL_IP],
  ] as const) {
    // A browser takes a device of this name for a network; one named tun it ignores.
    await ip('link', 'set', 'dev', device, 'netns', network, 'name', 'eth0');
    await ip('-n', network, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    await ip('-n', network, 'link', 'set', 'eth0', 'up');
  }
  const stack = opening.move();
  const inside = (network: string): readonly string[] => ['ip', 'netns', 'exec', network];
  return {
    clinic,
    hospital,
    inside,
    closeFirewall: async () => {
      const [program = '', ...args] = [...inside(hospital), 'nft', '-f', '-'];
      const nft = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] });
      nft.stdin.end(FIREWALL);
      const [code] = await once(nft, 'exit');
      if (code !== 0) throw new Error('nft refused the rules of the hospital.');
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
