import type { ServerOptions } from 'node:https';
import { request } from 'node:https';
import { z } from 'zod';
import type { Logger } from '../logger.ts';
import { readTlsFiles, type TlsFiles, TlsFilesWatch, type TlsMaterial } from './tls-files.ts';

const VARIABLES = [
  'BEDSIDE_INTERNAL_TLS_CERT_FILE',
  'BEDSIDE_INTERNAL_TLS_KEY_FILE',
  'BEDSIDE_INTERNAL_TLS_CA_FILE',
] as const;

/** The variables of mutual TLS between machines, for a service's own schema. */
export const internalTlsEnv = Object.fromEntries(VARIABLES.map((name) => [name, z.string().optional()])) as Record<
  (typeof VARIABLES)[number],
  z.ZodOptional<z.ZodString>
>;

/** What to set; the end of a sentence that says what for. */
export const INTERNAL_TLS_ADVICE = `set ${VARIABLES.slice(0, 2).join(', ')} and ${VARIABLES[2]} (PEM files: this service's certificate, its key, and the authority of the others)`;

/** The files that were named; undefined unless all are. */
export const internalTlsFiles = (
  env: Readonly<Partial<Record<(typeof VARIABLES)[number], string | undefined>>>,
): Required<TlsFiles> | undefined => {
  const [certFile, keyFile, caFile] = VARIABLES.map((name) => env[name]);
  if (certFile === undefined || keyFile === undefined || caFile === undefined) return undefined;
  return { certFile, keyFile, caFile };
};

const PINNED = { minVersion: 'TLSv1.3' } as const;
const MAX_ANSWER_BYTES = 1_048_576;

/** Either side of mutual TLS between our own machines: both show a certificate of the organization's own authority. */
export interface InternalTls {
  /** For a server: whoever shows no certificate of the authority is not spoken with. */
  serverOptions(): ServerOptions;
  /** `fetch` as far as internal calls need it: an answer of at most 1 MiB; redirects are not followed. */
  fetch(url: string, options: { method?: string; headers?: Headers; signal?: AbortSignal }): Promise<Response>;
  /** Told when the files were read anew; connections there are stay. */
  onChange(listener: () => void): void;
  close(): void;
}

/** Reads the files and watches over them. Throws what reading throws. */
export const loadInternalTls = async (options: {
  files: Required<TlsFiles>;
  log: Logger;
  pollMs?: number;
}): Promise<InternalTls> => {
  const { log, files } = options;
  let material = await readTlsFiles(files);
  const listeners: (() => void)[] = [];
  const watch = new TlsFilesWatch({
    files,
    pollMs: options.pollMs,
    onChange: (changed: TlsMaterial) => {
      material = changed;
      for (const listener of listeners) listener();
      log.info('internal-certificate-reloaded');
    },
    onRefused: (error) => log.error('internal-certificate-refused', { error }),
  });
  await watch.check();
  return {
    serverOptions: () => ({ ...material, ...PINNED, requestCert: true, rejectUnauthorized: true }),
    fetch: (url, { method = 'GET', headers, signal }) =>
      new Promise((resolve, reject) => {
        const settings = { ...material, ...PINNED, method, agent: false as const, ...(signal && { signal }) };
        const asking = request(url, { ...settings, headers: Object.fromEntries(headers ?? []) }, (incoming) => {
          const parts: Buffer[] = [];
          let bytes = 0;
          incoming.on('data', (part: Buffer) => {
            bytes += part.length;
            if (bytes > MAX_ANSWER_BYTES) incoming.destroy(new Error('The answer is too large.'));
            else parts.push(part);
          });
          incoming.once('error', reject);
          incoming.once('end', () => {
            const type = incoming.headers['content-type'] ?? 'application/octet-stream';
            resolve(
              new Response(Buffer.concat(parts), {
                status: incoming.statusCode ?? 502,
                headers: { 'content-type': type },
              }),
            );
          });
        });
        asking.once('error', reject);
        asking.end();
      }),
    onChange: (listener) => void listeners.push(listener),
    close: () => watch.close(),
  };
};
