/** Systems whose values are compared letter by letter but for their case; in all others signs between are left out. */
const KEEPS_SIGNS: ReadonlySet<string> = new Set(['email']);

/** A value in the one spelling by which it is found: `123-45 6789` and `123456789` are the same. Empty: nothing is left. */
export const spellingOf = (system: string, value: string): string => {
  const text = value.normalize('NFKC').trim().toLowerCase();
  return KEEPS_SIGNS.has(system) ? text : text.replace(/[\s\p{P}]/gu, '');
};
