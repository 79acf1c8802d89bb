import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { readIfThere, writeOnce } from '../../secret-file.ts';
import { unwrapLocally, wrapLocally } from './local-wrap.ts';
import { KekAway, type KekPort, type WrapContext } from './port.ts';

const MAX_KEYS = 100;

const KekFileText = z.object({
  keys: z
    .array(z.object({ id: z.string(), key: z.base64url().length(43) }))
    .min(1)
    .max(MAX_KEYS),
});
type KekFileText = z.infer<typeof KekFileText>;

const idOf = (key: Buffer): string =>
  `file:${createHash('sha256').update('bedside-kek').update(key).digest('hex').slice(0, 32)}`;

const newEntry = (): KekFileText['keys'][number] => {
  const key = randomBytes(32);
  return { id: idOf(key), key: key.toString('base64url') };
};

const textOf = (content: KekFileText): string => `${JSON.stringify(content, null, 2)}\n`;

/**
 * KEKs in a file of its owner alone, newest last. A process that meets the id of a key that it does not know reads the
 * file again: another one may have gone on to it.
 */
export class FileKek implements KekPort {
  readonly kind = 'file';
  readonly #file: string;
  #keys = new Map<string, Buffer>();
  #reading: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async current({ mayMake }: { readonly mayMake: boolean }): Promise<string> {
    if (mayMake && (await readIfThere(this.#file)) === undefined)
      await writeOnce(this.#file, textOf({ keys: [newEntry()] }));
    await this.#read();
    const newest = [...this.#keys.keys()].at(-1);
    if (newest === undefined) throw new KekAway('kek-file-missing');
    return newest;
  }

  async next(known: readonly string[]): Promise<string> {
    const newest = await this.current({ mayMake: false });
    // Left by one who was interrupted before anything was wrapped by it.
    if (!known.includes(newest)) return newest;
    const keys = [...this.#keys].map(([id, key]) => ({ id, key: key.toString('base64url') }));
    const draft = `${this.#file}.${randomUUID()}`;
    const entry = newEntry();
    await writeFile(draft, textOf({ keys: [...keys, entry].slice(-MAX_KEYS) }), {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    await rename(draft, this.#file);
    await this.#read();
    return entry.id;
  }

  async wrap(kekId: string, key: Buffer, context: WrapContext): Promise<Buffer> {
    return wrapLocally(await this.#keyOf(kekId), key, context);
  }

  async unwrap(kekId: string, wrapped: Buffer, context: WrapContext): Promise<Buffer> {
    return unwrapLocally(await this.#keyOf(kekId), wrapped, context);
  }

  async #keyOf(kekId: string): Promise<Buffer> {
    const known = this.#keys.get(kekId);
    if (known !== undefined) return known;
    await this.#read();
    const found = this.#keys.get(kekId);
    if (found === undefined) throw new KekAway(`kek-not-in-file:${kekId}`);
    return found;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    let text: string | undefined;
    try {
      text = await readIfThere(this.#file);
    } catch (error) {
      throw new KekAway('kek-file-unreadable', { cause: error });
    }
    if (text === undefined) throw new KekAway('kek-file-missing');
    this.#keys = parse(text);
  }

  async close(): Promise<void> {
    for (const key of this.#keys.values()) key.fill(0);
    this.#keys.clear();
  }
}

/** Throws `KekAway`; never with what stands in the file. */
const parse = (text: string): Map<string, Buffer> => {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new KekAway('kek-file-malformed');
  }
  const parsed = KekFileText.safeParse(content);
  if (!parsed.success) throw new KekAway('kek-file-malformed');
  const keys = new Map(parsed.data.keys.map(({ id, key }) => [id, Buffer.from(key, 'base64url')]));
  for (const [id, key] of keys) if (idOf(key) !== id) throw new KekAway('kek-file-malformed');
  return keys;
};
