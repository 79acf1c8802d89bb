import { config } from 'zod';

/**
 * zod tries whether it may compile code at run time, which a page's content security policy reports as a violation even
 * though zod then goes without. In a page it does not try. This has to be evaluated before the first schema is made.
 */
if ('document' in globalThis) config({ jitless: true });
