import { describe, expect, it } from 'vitest';
import { spellingOf } from './identifier-model.ts';

describe('an identifier', () => {
  it('is the same however it is written', () => {
    for (const written of ['123-45-6789', ' 123 45 6789', '123456789', '１２３-45-6789'])
      expect(spellingOf('ssn', written)).toBe('123456789');
    expect(spellingOf('mrn', 'AB/0042')).toBe('ab0042');
  });

  it('keeps the signs of an address', () => {
    expect(spellingOf('email', ' Pat.Doe@Example.net ')).toBe('pat.doe@example.net');
  });

  it('can be empty', () => {
    expect(spellingOf('ssn', ' - - ')).toBe('');
  });
});
