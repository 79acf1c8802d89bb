import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { OperatorError } from '@bedside/kit';
import { acquireProcessLock, LockHeldError } from './process-lock.ts';

/** One Bedside's folder, held until closed: whoever has this object is the only one on it. */
export interface DataDir extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** Lets the folder go; a second call does nothing. */
  close(): Promise<void>;
}

export interface DataDirOptions {
  path: string;
  /** How long to wait for a Bedside that is just stopping; 5 s when not given. */
  waitMs?: number;
  /** One line about what is being waited for. */
  log?: (line: string) => void;
}

/** Another Bedside uses the folder; the message says which one and what to do. */
export class DataDirInUseError extends OperatorError {
  override readonly name = 'DataDirInUseError';
}

const closedCodes = ['EACCES', 'EPERM', 'EROFS'];

/**
 * Makes the folder and everything above it that is missing. Root's folders may be passed through (0711), so that the
 * account Postgres runs under reaches its own part; nobody but the owner lists them. The umask has no say.
 */
export async function makeDataFolder(path: string, uid = process.getuid?.()): Promise<void> {
  const mode = uid === 0 ? 0o711 : 0o700;
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; ; folder = dirname(folder)) {
    await chmod(folder, mode);
    if (folder === first) return;
  }
}

/**
 * Opens the data folder for this process alone. The hold ends with the process, however that ends.
 * @throws {DataDirInUseError} when another Bedside holds it, or a sentence about what to do when it is closed to us.
 */
export async function openDataDir({ path: given, waitMs = 5_000, log }: DataDirOptions): Promise<DataDir> {
  const path = resolve(given);
  try {
    await makeDataFolder(path);
    const lock = await acquireProcessLock({
      path: join(path, 'bedside.lock'),
      waitMs,
      onWait: (holder) => log?.(`waiting for process ${holder.pid} to let go of ${path}`),
    });
    return { path, close: lock.release, [Symbol.asyncDispose]: lock.release };
  } catch (cause) {
    if (closedCodes.includes((cause as NodeJS.ErrnoException).code ?? '')) {
      throw new OperatorError(
        `This account may not write to the data folder ${path}. Start as the account that owns it, ` +
          'or choose a folder of your own: BEDSIDE_DATA_DIR=<folder>',
        { cause },
      );
    }
    if (!(cause instanceof LockHeldError)) throw cause;
    const { pid, since } = cause.holder;
    throw new DataDirInUseError(
      `Another Bedside (process ${pid}, since ${since}) uses the data folder ${path}. ` +
        `Stop it first (Ctrl-C where it runs, or: kill ${pid}), or give this one a folder of its own: BEDSIDE_DATA_DIR=<folder>`,
      { cause },
    );
  }
}
