import { afterEach, describe, expect, test, vi } from 'vitest';
import { ApiError, call, listOf, noContent, setProve } from './http.ts';

const text = { parse: (value: unknown) => String(value) };

const answer = (status: number, body: unknown, type = 'application/json') =>
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })),
  );

afterEach(() => vi.unstubAllGlobals());

describe('call', () => {
  test('API1 makes the problem’s code a sentence', async () => {
    answer(409, { type: 'urn:bedside:problem:slot_taken', title: 'x', status: 409, code: 'slot_taken' });
    await expect(call('GET', '/x', text)).rejects.toMatchObject({
      code: 'slot_taken',
      message: 'This time has just been taken. Pick another.',
    });
  });

  test.each([
    [404, 'not_found'],
    [418, 'bad_request'],
    [502, 'unavailable'],
  ])('an answer %i of somebody who is not core becomes %s', async (status, code) => {
    answer(status, '<html>');
    await expect(call('GET', '/x', text)).rejects.toMatchObject({ code });
  });

  test('a server that cannot be reached has a sentence of its own', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('network')));
    await expect(call('GET', '/x', text)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('an answer of another shape is an error, not a half-filled page', async () => {
    answer(200, { things: 'none' });
    await expect(call('GET', '/x', listOf('things', text))).rejects.toBeInstanceOf(ApiError);
  });

  test('API2 writes are JSON, also without a body', async () => {
    answer(200, {});
    await call('POST', '/x', noContent);
    expect(fetch).toHaveBeenCalledWith(
      '/x',
      expect.objectContaining({ body: '{}', headers: expect.objectContaining({ 'content-type': 'application/json' }) }),
    );
  });

  test('where core wants a fresh proof, the request goes out again once it was given', async () => {
    const stepUp = { signIn: '/auth/login?step_up=true' };
    const problem = { type: 'x', title: 'x', status: 403, code: 'step_up_required', stepUp };
    const answers = [new Response(JSON.stringify(problem), { status: 403 }), new Response('{"things":[]}')];
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => answers.shift()),
    );
    const ask = vi.fn(async () => true);
    setProve(ask);
    await expect(call('GET', '/x', listOf('things', text))).resolves.toEqual([]);
    expect(ask).toHaveBeenCalledExactlyOnceWith(stepUp);
  });

  test('and is refused where it was not', async () => {
    answer(403, { type: 'x', title: 'x', status: 403, code: 'step_up_required', stepUp: {} });
    setProve(async () => false);
    await expect(call('GET', '/x', text)).rejects.toMatchObject({ code: 'step_up_required' });
    expect(fetch).toHaveBeenCalledOnce();
  });

  test('an aborted call rejects with the reason of its signal', async () => {
    const abort = new AbortController();
    vi.stubGlobal('fetch', async () => {
      abort.abort(new Error('page closed'));
      throw new DOMException('', 'AbortError');
    });
    await expect(call('GET', '/x', text, { signal: abort.signal })).rejects.toThrow('page closed');
  });
});
