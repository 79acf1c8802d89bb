import type { EncounterId } from '@bedside/protocol';

export const HOME = '/';
export const BOOK = '/book';
export const VISIT = '/visit/:encounterId';

export const visitPath = (id: EncounterId): string => `/visit/${id}`;
