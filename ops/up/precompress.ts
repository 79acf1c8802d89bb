import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TEXT = /\.(html|js|mjs|css|svg|json|webmanifest|txt|map)$/;
/** Below that, a compressed answer is no fewer packets. */
const MIN_BYTES = 1_000;

const encoders = {
  '.br': (content: Buffer) =>
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
  '.gz': (content: Buffer) => promisify(gzip)(content, { level: 9 }),
} as const;

/**
 * Writes a `.br` and a `.gz` beside every text file below `dir` that is worth it, once, so that the most thorough
 * compression costs nothing per request. Those newer than their source stay as they are. Gives the number written.
 */
export const precompress = async (dir: string): Promise<number> => {
  let written = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !TEXT.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await stat(path);
    if (size < MIN_BYTES) continue;
    for (const [extension, encode] of Object.entries(encoders)) {
      const made = await stat(path + extension).catch(() => undefined);
      if (made !== undefined && made.mtimeMs >= mtimeMs) continue;
      // A file that is half written when the machine stops must not look finished.
      await writeFile(`${path}${extension}.part`, await encode(await readFile(path)));
      await rename(`${path}${extension}.part`, path + extension);
      written += 1;
    }
  }
  return written;
};
