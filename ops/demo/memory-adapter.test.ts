import { expect, test } from 'vitest';
import { createMemoryAdapter } from './memory-adapter.ts';

test('what has expired is not found', async () => {
  let nowMs = 0;
  const codes = createMemoryAdapter(() => nowMs)('AuthorizationCode');
  await codes.upsert('a', { grantId: 'g' }, 60);
  expect(await codes.find('a')).toEqual({ grantId: 'g' });
  nowMs = 60_000;
  expect(await codes.find('a')).toBeUndefined();
});

test('revoking a grant takes all that came of it, of every model', async () => {
  const adapter = createMemoryAdapter();
  await adapter('AuthorizationCode').upsert('a', { grantId: 'g' });
  await adapter('AccessToken').upsert('b', { grantId: 'g' });
  await adapter('AccessToken').upsert('c', { grantId: 'other' });
  await adapter('AccessToken').revokeByGrantId('g');
  expect(await adapter('AuthorizationCode').find('a')).toBeUndefined();
  expect(await adapter('AccessToken').find('b')).toBeUndefined();
  expect(await adapter('AccessToken').find('c')).toBeDefined();
});

test('models keep apart, a session is found by its uid, and a used code is marked', async () => {
  const adapter = createMemoryAdapter(() => 5_000);
  await adapter('Session').upsert('a', { uid: 'u' });
  expect(await adapter('Session').findByUid('u')).toEqual({ uid: 'u' });
  expect(await adapter('Interaction').findByUid('u')).toBeUndefined();
  await adapter('Session').consume('a');
  expect(await adapter('Session').find('a')).toMatchObject({ consumed: 5 });
});

test('the oldest makes room, so that no stranger can fill the memory', async () => {
  const sessions = createMemoryAdapter()('Session');
  for (let index = 0; index <= 5_000; index++) await sessions.upsert(String(index), {});
  expect(await sessions.find('0')).toBeUndefined();
  expect(await sessions.find('5000')).toBeDefined();
});
