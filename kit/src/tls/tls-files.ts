import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

/** PEM files: a certificate with its chain, its key, and the authorities that the other side has to come from. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Absent: the other side need not show a certificate, or is judged by the authorities of the system. */
  readonly caFile?: string | undefined;
}

/** PEM texts. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string | undefined;
}

const POLL_MS = 10_000;

const pathsOf = (files: TlsFiles): string[] => [
  files.certFile,
  files.keyFile,
  ...(files.caFile === undefined ? [] : [files.caFile]),
];

/** Reads the files. Throws where one cannot be read, is no PEM, or certificate and key do not fit together. */
export const readTlsFiles = async (files: TlsFiles): Promise<TlsMaterial> => {
  const [cert = '', key = '', ca] = await Promise.all(pathsOf(files).map((path) => readFile(path, 'utf8')));
  createSecureContext({ cert, key });
  if (ca === undefined) return { cert, key };
  // A text without a certificate in it would be taken for a list of none: nobody trusted, and no error.
  void new X509Certificate(ca);
  return { cert, key, ca };
};

const stampOf = async (files: TlsFiles): Promise<string> => {
  const stats = await Promise.all(pathsOf(files).map((path) => stat(path)));
  return stats.map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`).join(' ');
};

/**
 * Looks every `pollMs` whether the files are others than before, and reads them when they are. Tools that renew
 * certificates replace files and links in more ways than a watcher sees. Files that cannot be used are told of once, what
 * was there before stays in use, and they are tried again when they change.
 */
export class TlsFilesWatch {
  readonly #options: {
    files: TlsFiles;
    onChange: (material: TlsMaterial) => void;
    onRefused: (error: unknown) => void;
  };
  readonly #timer: NodeJS.Timeout;
  #stamp: string | undefined;

  constructor(options: {
    files: TlsFiles;
    pollMs?: number | undefined;
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
      const stamp = await stampOf(files).catch((error: unknown) => {
        // Between the removal of a file and the next of its name; told once, not at every look.
        if (this.#stamp === '') return '';
        this.#stamp = '';
        throw error;
      });
      const before = this.#stamp;
      this.#stamp = stamp;
      if (stamp !== '' && before !== undefined && before !== stamp) onChange(await readTlsFiles(files));
    } catch (error) {
      onRefused(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
