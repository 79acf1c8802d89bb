import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StoredHead } from '../seal-store.ts';
import { headHash, parseHeadLine } from '../verify/head.ts';
import { LineReader } from '../verify/lines.ts';
import type { HeadPort } from './port.ts';

export interface FilePortOptions {
  readonly file: string;
  /** The hash of the head of that number in the database, if it has one. */
  readonly hashAt: (sequence: number) => Promise<string | undefined>;
  /** Told when the file has heads that the database does not have any more; the number of the first. */
  readonly onLost: (sequence: number) => void;
}

/** What the file tells of itself, once it was read. */
interface Reached {
  readonly sequence: number;
  readonly hash: string | undefined;
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * Appends each head as a line to a file and waits for the disk. What has been published is read from the file itself,
 * so that a crash between a commit and its line leaves nothing out.
 */
export class FilePort implements HeadPort {
  readonly name = 'file';
  readonly #options: FilePortOptions;
  #reached: Reached | undefined;

  constructor(options: FilePortOptions) {
    this.#options = options;
  }

  async reached(): Promise<number> {
    const known = this.#reached ?? (await this.#lastCommon());
    if (known.sequence > 0 && (await this.#options.hashAt(known.sequence)) !== known.hash) {
      this.#reached = await this.#lastCommon();
      return this.#reached.sequence;
    }
    this.#reached = known;
    return known.sequence;
  }

  async publish(heads: readonly StoredHead[]): Promise<void> {
    const { file } = this.#options;
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    try {
      const { size } = await handle.stat();
      const end = Buffer.alloc(1);
      if (size > 0) await handle.read(end, 0, 1, size - 1);
      // A line that a crash cut short must not swallow the next one.
      const begin = size > 0 && end[0] !== 10 ? '\n' : '';
      await handle.appendFile(`${begin}${heads.map(({ line }) => `${line}\n`).join('')}`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    const last = heads.at(-1);
    if (last !== undefined) this.#reached = { sequence: last.sequence, hash: last.hash };
  }

  /** The last head of the file that is also the database's. Later ones mean that the database was set back. */
  async #lastCommon(): Promise<Reached> {
    const inFile = this.#read();
    let first: number | undefined;
    for (let index = inFile.length - 1; index >= 0; index -= 1) {
      const reached = inFile[index];
      if (reached === undefined) break;
      if ((await this.#options.hashAt(reached.sequence)) === reached.hash) {
        if (first !== undefined) this.#options.onLost(first);
        return reached;
      }
      first = reached.sequence;
    }
    if (first !== undefined) this.#options.onLost(first);
    return { sequence: 0, hash: undefined };
  }

  /** The last heads of the file; of those before them nobody asks unless the database lost more than that. */
  #read(): Reached[] {
    const kept: Reached[] = [];
    try {
      using reader = new LineReader(this.#options.file);
      while (reader.next()) {
        const sealed = reader.isWhole ? parseHeadLine(reader.text) : undefined;
        if (sealed === undefined) continue;
        kept.push({ sequence: sealed.head.sequence, hash: headHash(sealed.head) });
        if (kept.length > 2 * KEPT_MAX) kept.splice(0, KEPT_MAX);
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return kept;
  }
}

const KEPT_MAX = 10_000;
