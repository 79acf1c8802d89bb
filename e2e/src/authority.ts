import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate authority of the test's own, and a certificate of it for this machine. */
export interface Authority extends AsyncDisposable {
  /** PEM of the authority; Node takes it by `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** A home folder in whose certificate store Chromium finds the authority: nothing of verification is switched off. */
  readonly home: string;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** `names`: for which the certificate is, as `subjectAltName` writes them. */
export const makeAuthority = async (names = ['DNS:localhost', 'IP:127.0.0.1']): Promise<Authority> => {
  const folder = await mkdtemp(join(tmpdir(), 'bedside-authority-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const home = at('home');
  const store = join(home, '.pki', 'nssdb');
  try {
    await openssl(
      ...['req', '-x509', '-days', '2', ...EC, '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.pem'],
      ...['-addext', 'keyUsage=critical,keyCertSign'],
    );
    await openssl('req', ...EC, '-subj', '/CN=Bedside under test', '-keyout', 'key.pem', '-out', 'request.pem');
    await writeFile(at('names'), `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth\n`);
    await openssl(
      ...['x509', '-req', '-days', '2', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-extfile', 'names', '-out', 'cert.pem'],
    );
    await mkdir(store, { recursive: true });
    await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
    await run('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'test', '-i', at('ca.pem')]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    caFile: at('ca.pem'),
    certFile: at('cert.pem'),
    keyFile: at('key.pem'),
    home,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};

/** Settings that make Bedside speak TLS with the certificate. */
export const tlsEnv = (authority: Authority): Record<string, string> => ({
  BEDSIDE_TLS_CERT_FILE: authority.certFile,
  BEDSIDE_TLS_KEY_FILE: authority.keyFile,
  // The demo's issuer is asked at the public address, as one of the organization's own is.
  NODE_EXTRA_CA_CERTS: authority.caFile,
});
