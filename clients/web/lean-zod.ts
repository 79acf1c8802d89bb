import type { Plugin } from 'vite';

/** Those files of zod that write JSON Schema. */
const WRITERS = /\/zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/;
const EXPORTED = /^export (?:const|function) (\w+)|^export \{ \w+ as (\w+) \};/gm;
/** Its English for what does not fit a schema. */
const ENGLISH = /\/zod\/v4\/locales\/en\.js$/;

const nothing = (code: string): string =>
  [...code.matchAll(EXPORTED)]
    .map(([, declared, renamed]) => `export const ${declared ?? renamed} = () => undefined;`)
    .join('\n');

/**
 * Leaves out what every schema of zod holds on to and no page uses, 8 kB gzipped: the writing of JSON Schema, because
 * core alone describes its API, and sentences about what is wrong with a value, because pages tell their own.
 */
export const leanZod = (): Plugin => ({
  name: 'lean-zod',
  transform(code, id) {
    if (WRITERS.test(id)) return { code: nothing(code), map: null };
    if (ENGLISH.test(id)) return { code: "export default () => ({ localeError: () => 'unfit' });", map: null };
    return undefined;
  },
});
