import type { IssuerChoice } from '@bedside/protocol';
import { call, listOf } from './http.ts';

/** Read without its schema: that would bring what passkeys need to everybody's first page. */
const choice = {
  parse: (value: unknown): Pick<IssuerChoice, 'id' | 'label'> => {
    const { id, label } = value as Record<string, unknown>;
    if (typeof id !== 'string' || typeof label !== 'string') throw new TypeError('no issuer');
    return { id, label };
  },
};

/** Where one can sign in. Asked before anybody is. */
export const fetchIssuers = (): Promise<Pick<IssuerChoice, 'id' | 'label'>[]> =>
  call('GET', '/auth/issuers', listOf('issuers', choice));
