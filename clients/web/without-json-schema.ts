import type { Plugin } from 'vite';

/** Those files of zod that write JSON Schema. */
const WRITERS = /\/zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/;
const EXPORTED = /^export (?:const|function) (\w+)|^export \{ \w+ as (\w+) \};/gm;

/**
 * Leaves out zod's writing of JSON Schema, 8 kB gzipped that each schema's methods hold on to: core alone describes its
 * API, and the pages only parse. What would be called does nothing.
 */
export const withoutJsonSchema = (): Plugin => ({
  name: 'without-json-schema',
  transform(code, id) {
    if (!WRITERS.test(id)) return undefined;
    const names = [...code.matchAll(EXPORTED)].map(([, declared, renamed]) => declared ?? renamed);
    return { code: names.map((name) => `export const ${name} = () => undefined;`).join('\n'), map: null };
  },
});
