import { expect, it } from 'vitest';
import { cursorOf, placeOf } from './slot-cursor.ts';

it('goes there and back', () => {
  const place = { at: new Date('2026-03-02T09:00:00.001Z'), id: '00000000-0000-4000-8000-00000000000a' };
  expect(placeOf(cursorOf(place))).toEqual(place);
});

it.each([
  '',
  '.',
  'x',
  'mm.1',
  '-1.00000000-0000-4000-8000-00000000000a',
  'zzzzzzzzzzz.00000000-0000-4000-8000-00000000000a',
])('refuses %j and names the field', (cursor) => {
  expect(() => placeOf(cursor)).toThrow(
    expect.objectContaining({ code: 'bad_request', detail: expect.stringMatching(/^cursor: /) }),
  );
});
