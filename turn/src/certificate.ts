import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { TlsMaterial } from './net/stream-listener.ts';

const POLL_MS = 10_000;

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Reads certificate and key. Throws where a file cannot be read, or the two do not fit together. */
export const readCertificate = async (files: CertificateFiles): Promise<TlsMaterial> => {
  const [cert, key] = await Promise.all([readFile(files.certFile, 'utf8'), readFile(files.keyFile, 'utf8')]);
  createSecureContext({ cert, key });
  return { cert, key };
};

const stampOf = async (files: CertificateFiles): Promise<string> => {
  const stats = await Promise.all([stat(files.certFile), stat(files.keyFile)]);
  return stats.map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`).join(' ');
};

/**
 * Looks every `pollMs` whether the files are others than before, and reads them when they are. Tools that renew
 * certificates replace files and links in more ways than a watcher sees. A pair that cannot be used is told once and
 * tried again when it changes.
 */
export class CertificateWatch {
  readonly #options: {
    files: CertificateFiles;
    onChange: (material: TlsMaterial) => void;
    onRefused: (error: unknown) => void;
  };
  readonly #timer: NodeJS.Timeout;
  #stamp: string | undefined;

  constructor(options: {
    files: CertificateFiles;
    pollMs?: number;
    onChange: (material: TlsMaterial) => void;
    onRefused: (error: unknown) => void;
  }) {
    this.#options = options;
    this.#timer = setInterval(() => void this.check(), options.pollMs ?? POLL_MS).unref();
  }

  /** The first check only remembers what is there. */
  async check(): Promise<void> {
    const { files, onChange, onRefused } = this.#options;
    try {
      const stamp = await stampOf(files);
      const before = this.#stamp;
      this.#stamp = stamp;
      if (before !== undefined && before !== stamp) onChange(await readCertificate(files));
    } catch (error) {
      onRefused(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
