import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface Files {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** A certificate authority in a folder of its own, and the certificates that it gives to machines at 127.0.0.1. */
export const makeAuthority = (folder: string, name: string) => {
  const dir = join(folder, name);
  mkdirSync(dir);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const caFile = join(dir, 'ca.pem');
  openssl('req', '-x509', '-days', '2', ...EC, '-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', 'ca.pem');
  writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
  return {
    caFile,
    certify: (machine: string): Files => {
      const [certFile, keyFile] = [join(dir, `${machine}.pem`), join(dir, `${machine}.key`)];
      openssl('req', ...EC, '-subj', `/CN=${machine}`, '-keyout', keyFile, '-out', 'request.pem');
      openssl(
        ...['x509', '-req', '-days', '2', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key'],
        ...['-CAcreateserial', '-extfile', 'names', '-out', certFile],
      );
      return { certFile, keyFile, caFile };
    },
  };
};
