import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Rig } from './support/rig.ts';
import { connectIce } from './support/stun.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** What `openssl s_client` printed by the time it told of the SRTP profile, or when it ended. */
const handshake = async (args: readonly string[]): Promise<string> => {
  const client = spawn('openssl', ['s_client', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = await new Promise<string>((resolve) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      if (/SRTP Extension negotiated, profile=\S+/.test(text)) resolve(text);
    };
    client.stdout.on('data', read);
    client.stderr.on('data', read);
    client.on('close', () => resolve(text));
  });
  client.kill();
  return said;
};

it.skipIf(!hasOpenssl)('SRTP is AES-256-GCM even when the client would rather have AES-CM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-srtp-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=test',
      '-days',
      '1',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  await using rig = await Rig.start();
  const { address, offer } = await rig.openPeer(await rig.openRoom());
  const [candidate] = offer.recv?.iceCandidates ?? [];
  if (offer.recv === undefined || candidate === undefined) throw new Error('no transport');

  const localPort = await connectIce({ ...candidate, ...offer.recv.iceParameters });
  const { fingerprint256 } = new X509Certificate(readFileSync(cert));
  await rig.send('connectTransport', {
    ...address,
    transportId: offer.recv.id,
    dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint256 }] },
  });
  const profiles = 'SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM';
  const said = await handshake([
    '-dtls1_2',
    '-connect',
    `${candidate.ip}:${candidate.port}`,
    '-bind',
    `127.0.0.1:${localPort}`,
    '-use_srtp',
    profiles,
    '-cert',
    cert,
    '-key',
    key,
  ]);
  rmSync(folder, { recursive: true });
  expect(said).toContain('profile=SRTP_AEAD_AES_256_GCM');
});
